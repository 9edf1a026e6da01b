"""Connections to addresses that were checked, each with one deadline for all that happens on it."""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread
from time import monotonic
from typing import Any

import httpcore

from offhook.addresses import Address, AddressPolicy, unsafe

CONNECT_LIMIT_S = 3.0

Resolver = Callable[[str, int], Sequence[Address]]
"""Returns the addresses of a host name; raises OSError when there are none. May block."""


class Deadline:
    """The instant by which something must be done, on the clock that never jumps."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    def left_s(self, at_most_s: float | None = None) -> float:
        """Return the seconds that are left, or `at_most_s`; raise TimeoutError when there are none."""
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError
        return left if at_most_s is None else min(left, at_most_s)


class CheckedNetwork(httpcore.NetworkBackend):
    """Makes the connections of one request; serves httpcore.

    A name is resolved once and the socket goes to an address that was checked, so a name that means something else a
    moment later leads nowhere. One address that is not allowed refuses the name with all its others.
    """

    def __init__(self, addresses: AddressPolicy, resolve: Resolver, deadline: Deadline) -> None:
        self._policy = addresses
        self._resolve = resolve
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; raise UnsafeAddressError before anything is sent."""
        with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError):
            limit = Deadline(self._deadline.left_s(timeout))
            found = _resolve_within(limit.left_s(), self._resolve, host, port)
            if not all(map(self._policy.allows, found)):
                raise unsafe()
            return CheckedStream(_connect(found, port, limit), self._deadline)


class CheckedStream(httpcore.NetworkStream):
    """A socket on which nothing takes longer than the deadline, however slowly the peer trickles."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has arrived, at most so many bytes; none at the end."""
        with _as_httpcore(httpcore.ReadTimeout, httpcore.ReadError):
            self._sock.settimeout(self._deadline.left_s(timeout))
            return self._sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        with _as_httpcore(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                self._sock.settimeout(self._deadline.left_s(timeout))
                rest = rest[self._sock.send(rest) :]

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the same connection inside TLS, once the peer has proved that it is the named host."""
        try:
            with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError):
                self._sock.settimeout(self._deadline.left_s(timeout))
                wrapped = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except (httpcore.NetworkError, httpcore.TimeoutException):
            self.close()
            raise
        return CheckedStream(wrapped, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks about the connection; it asks for the TLS object, to learn the protocol."""
        return self._sock if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket) else None


def resolve_by_system(host: str, port: int) -> Sequence[Address]:
    """Return the addresses of a host, in the order in which the system prefers them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(sockaddr[0]) for *_, sockaddr in found]


def _resolve_within(seconds: float, resolve: Resolver, host: str, port: int) -> Sequence[Address]:
    # The system's resolver takes no time limit: one that hangs is left behind in its thread, and ends there.
    answer: Future[Sequence[Address]] = Future()
    Thread(target=_answer, args=(answer, resolve, host, port), name="resolve", daemon=True).start()
    found = answer.result(seconds)
    if not found:
        raise OSError(host)
    return found


def _answer(answer: Future[Sequence[Address]], resolve: Resolver, host: str, port: int) -> None:
    try:
        answer.set_result(resolve(host, port))
    # UnicodeError: a label that is too long for a name.
    except (OSError, UnicodeError) as error:
        answer.set_exception(error)


def _connect(addresses: Sequence[Address], port: int, limit: Deadline) -> socket.socket:
    *others, last = addresses
    for tried, address in enumerate(others):
        try:
            return socket.create_connection((str(address), port), limit.left_s() / (len(addresses) - tried))
        except OSError:
            continue
    return socket.create_connection((str(last), port), limit.left_s())


@contextmanager
def _as_httpcore(
    timeout: type[httpcore.TimeoutException], failure: type[httpcore.NetworkError]
) -> Iterator[None]:
    # Without the cause: its text may name the host.
    try:
        yield
    except TimeoutError:
        raise timeout from None
    # ValueError: a name that no resolver or certificate can hold.
    except (OSError, ValueError):
        raise failure from None
