"""What is talked about: the node that a talk is in, what that says and offers, and what was said so far, as texts."""
