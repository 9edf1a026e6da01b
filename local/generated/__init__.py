"""Prints the files that are made from code; each is checked in."""
