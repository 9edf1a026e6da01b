"""Reads runs, their events, recordings and transcripts over HTTP."""
