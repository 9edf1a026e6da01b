"""Delivers what follows a call."""
