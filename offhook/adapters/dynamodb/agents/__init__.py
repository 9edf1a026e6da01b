"""Agents, with their versions, triggers and deployments."""
