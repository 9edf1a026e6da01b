"""Agents are the named things that take calls; their workflows come in versions."""
