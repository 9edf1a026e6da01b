"""Every adapter of a port, against a real server."""
