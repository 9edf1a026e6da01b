"""Manages what belongs to an organization as a whole: limits, tools, credentials."""
