"""The language models of an install, each made of its provider's adapter."""
