"""Manages API keys over HTTP."""
