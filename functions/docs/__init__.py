"""Serves what describes the API: the OpenAPI document and a page made of it."""
