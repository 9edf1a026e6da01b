"""Serves the API's documents."""
