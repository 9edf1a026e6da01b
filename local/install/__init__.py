"""The install on this machine: its parts, its state, and the one address in front of them."""
