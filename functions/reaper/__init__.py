"""Settles what nobody settles any more."""
