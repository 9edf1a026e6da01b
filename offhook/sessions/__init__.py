"""Streaming sessions: runs, seen while they live."""
