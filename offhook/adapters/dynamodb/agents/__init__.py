"""Agents, with their versions and triggers."""
