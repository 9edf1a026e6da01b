"""Manages agents and their versions over HTTP."""
