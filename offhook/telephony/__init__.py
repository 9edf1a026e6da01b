"""Telephony: how an organization reaches its carrier."""
