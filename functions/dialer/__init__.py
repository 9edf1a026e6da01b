"""Dials what was queued."""
