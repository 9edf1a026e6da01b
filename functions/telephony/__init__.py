"""Answers the carrier's questions about live calls."""
