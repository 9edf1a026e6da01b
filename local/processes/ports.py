"""Ports of this machine's loopback: which are free, and which one to take."""

import socket

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Say whether a server can have this port."""
    with socket.socket() as probe:
        # As a server binds, so that connections that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
