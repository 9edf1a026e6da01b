"""Peers on real sockets that answer each connection as a test has them do, well or badly."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


@dataclass(slots=True, kw_only=True)
class Peer:
    """A listening peer and what each connection has sent to it."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def replies(text: str) -> Answer:
    """Return the answer that sends this text, with its line ends as HTTP has them."""
    return lambda connection: connection.sendall(text.replace("\n", "\r\n").encode())


@contextmanager
def listening(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """Listen on a free port; each connection is read up to the end of its request and then answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = Peer(port=listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, peer, answer, tls))
        thread.start()
        try:
            yield peer
        finally:
            # Wakes the accept below.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def nobody() -> Iterator[Peer]:
    """Have a port at which nobody listens, and that nobody else is given before the block is over."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield Peer(port=held.getsockname()[1])


def _serve(listener: socket.socket, peer: Peer, answer: Answer, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(10)
            secured = tls.wrap_socket(connection, server_side=True) if tls else connection
            with secured:
                peer.requests.append(_request_of(secured))
                answer(secured)


def _request_of(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return received
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
