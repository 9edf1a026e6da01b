"""Streaming workflows and their sessions over HTTP."""
