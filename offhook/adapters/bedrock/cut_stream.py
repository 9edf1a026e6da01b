"""One reply's stream of events, which another thread can cut off at any time."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any


class CutStream:
    """Everything but `cut` is called in the thread that reads.

    The SDK's `close` frees nobody who waits for data; to shut the socket down does, at once. The connection is taken from the
    response for as long as it lasts: else it could go back to its pool, and be another reply's, behind our back.
    """

    def __init__(self) -> None:
        self.is_cut = False
        self._lock = threading.Lock()
        self._stream: Any = ()
        self._raw: Any = None
        self._connection: Any = None
        self._is_whole = False

    def take(self, stream: Any) -> None:
        """Take the stream of a response whose headers have come."""
        self._stream = stream
        self._raw = stream._raw_stream  # noqa: SLF001 - what it wraps has the connection
        with self._lock:
            self._connection, self._raw._connection = self._raw._connection, None  # noqa: SLF001
            if self.is_cut:
                self._shut_down()

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield the messages as they come; raise what the SDK raises."""
        yield from self._stream
        self._is_whole = True

    def cut(self) -> None:
        """Free the thread that reads, unless it waits for headers; may be called from another, at any time."""
        with self._lock:
            self.is_cut = True
            self._shut_down()

    def close(self) -> None:
        """Give the connection back: to the pool, if it can be used again."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            if self.is_cut or not self._is_whole:
                connection.close()  # the pool opens it anew when it needs it
            self._raw._connection = connection  # noqa: SLF001
            self._raw.release_conn()

    def _shut_down(self) -> None:
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
