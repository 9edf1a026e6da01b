"""Organizations, with their keys and limits, and what is kept for each beside its nouns."""
