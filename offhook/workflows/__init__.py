"""Workflows are the graphs of nodes and edges that agents follow."""
