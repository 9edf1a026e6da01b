"""The carriers of all providers: each is a folder beside this one, of its provider's name."""
