"""What a call at the simulated carrier is made of: who dialled whom, how it stands, and what it needs around it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import httpx

from local.caller import CallerEvent


class SessionStatus(StrEnum):
    """Where a call is, in the carrier's words."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "noanswer"
    CANCELED = "cancel"
    FAILED = "failed"


class Direction(StrEnum):
    """Who called, in the carrier's words; also the `context` of the media stream."""

    OUTBOUND = "outbound-api"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """What was asked of the carrier."""

    domain: str
    caller: str
    called: str
    direction: Direction = Direction.OUTBOUND
    cxml: str | None = None
    url: str | None = None
    callback: str | None = None


CarrierEvent: TypeAlias = CallerEvent | SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a call needs of the simulator."""

    client: httpx.AsyncClient
    synthesise: Callable[[str, str], Awaitable[bytes]]
    """Returns the mu-law of a text, given the text and a voice; raises EngineError."""
    on_event: Callable[[str, CarrierEvent], None]
    """Told of everything that happens, with the session's token."""
    tick_seconds: float
    ring_seconds: float
    no_answer_seconds: float


def now_ms() -> int:
    """Return the time as the carrier writes it: epoch milliseconds."""
    return time.time_ns() // 1_000_000
