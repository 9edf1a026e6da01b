"""This machine's loopback: what is on it, whether a port is free, and how to take one."""

import socket
from urllib.parse import urlsplit

HOST = "127.0.0.1"
_BACKLOG = 256


def is_here(url: str) -> bool:
    """Say whether an address is on this machine's loopback, which no proxy of the environment can reach."""
    return urlsplit(url).hostname in (HOST, "localhost", "::1")


def is_free(port: int) -> bool:
    """Say whether a server can have this port."""
    try:
        take_port(port).close()
    except OSError:
        return False
    return True


def take_port(port: int = 0) -> socket.socket:
    """Return a listening socket at a port, 0 being a free one: whoever connects waits until it is served.

    A port that is only chosen may be somebody else's by the time that it is served. Raises OSError when it is taken.
    """
    # Not bound alone: two that allow a port's reuse may both bind it, and the second to listen fails.
    return socket.create_server((HOST, port), backlog=_BACKLOG)
