"""Failures that a test asks for: of the next requests, at a point of their audio, or of all that are live now."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    STALL = "stall"  # neither reads nor writes any more, and keeps the connection
    SILENCE = "silence"  # goes on reading, or speaking, and there is nothing in it
    SLOW = "slow"  # the first byte of the answer is late
    RESET_STREAM = "reset-stream"  # RST_STREAM; as HTTP/1.1 and WebSocket lack it, they break off
    RESET_CONNECTION = "reset-connection"
    BAD_CRC = "bad-crc"  # Transcribe only
    END = "end"  # ends as if all were said


class Service(StrEnum):
    """Whose failure it is."""

    TRANSCRIBE = "transcribe"
    POLLY = "polly"


class Fault(BaseModel):
    """One failure: of the next `times` requests, after `after_ms` of their audio; None is before any answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: Service
    kind: Kind
    after_ms: int | None = Field(default=None, ge=0)
    delay_ms: int = Field(default=3000, ge=0)
    times: Annotated[int, Field(ge=1)] = 1


class Faults:
    """The failures that are still to come; what is live registers to be struck at once."""

    def __init__(self) -> None:
        self._coming: deque[tuple[Fault, int]] = deque()
        self._live: dict[Service, set[Callable[[Fault], None]]] = {service: set() for service in Service}

    def add(self, fault: Fault) -> None:
        """Have the fault befall the next requests to its service."""
        self._coming.append((fault, fault.times))

    def strike(self, fault: Fault) -> int:
        """Have the fault befall all live requests of its service now; return how many."""
        struck = list(self._live[fault.service])
        for strike in struck:
            strike(fault)
        return len(struck)

    def take(self, service: Service) -> Fault | None:
        """Return the next fault of the service, if any, and use it up."""
        for n, (fault, left) in enumerate(self._coming):
            if fault.service is service:
                if left > 1:
                    self._coming[n] = (fault, left - 1)
                else:
                    del self._coming[n]
                return fault
        return None

    @property
    def coming(self) -> int:
        """How many requests something is still to befall."""
        return sum(left for _, left in self._coming)

    def live(self, service: Service) -> int:
        """Say how many requests to the service are under way."""
        return len(self._live[service])

    def register(self, service: Service, strike: Callable[[Fault], None]) -> Callable[[], None]:
        """Add a live request; return what takes it off again."""
        self._live[service].add(strike)
        return lambda: self._live[service].discard(strike)


def reset(transport: asyncio.WriteTransport) -> None:
    """Break off as a network does: the peer reads a reset."""
    raw: socket.socket = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
