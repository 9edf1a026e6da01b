"""What a call at the simulated carrier is made of: who dialled whom, how it stands, and what it needs around it."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import httpx

from local.cloudonix.domain import DomainProfile
from local.cloudonix.phones.rooms import Rooms
from local.people.caller import CallerEvent
from local.people.scripts import CallerScript
from offhook.json_types import JsonObject


def now_ms() -> int:
    """Return the time as the carrier writes it: epoch milliseconds."""
    return time.time_ns() // 1_000_000


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
    CONGESTION = "congestion"


class DialDirection(StrEnum):
    """Who called, in the carrier's words; also the `context` of the media stream."""

    OUTBOUND = "outbound-api"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """What was asked of the carrier."""

    domain: str
    caller: str
    called: str
    direction: DialDirection = DialDirection.OUTBOUND
    cxml: str | None = None
    url: str | None = None
    callback: str | None = None
    timeout_seconds: float | None = None
    """How long it may ring; None leaves that to the carrier."""
    send_digits: str = ""
    """Keys that are pressed when somebody answers, before anything else; `W` waits for half a second."""


CarrierEvent: TypeAlias = CallerEvent | SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a call needs of the simulator."""

    client: httpx.AsyncClient
    synthesise: Callable[[str], Awaitable[bytes]]
    """Returns the mu-law of a text; raises EngineError."""
    on_event: Callable[[str, CarrierEvent], None]
    """Told of everything that happens, with the session's token."""
    script_for: Callable[[str], CallerScript]
    """Returns who answers a number."""
    profile_of: Callable[[str], DomainProfile]
    """Returns what is known of a domain."""
    rooms: Rooms
    tick_seconds: float
    ring_seconds: float
    no_answer_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnd:
    """How a media stream ended: the agent's close code, None where there was none, and its reason."""

    code: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialledNumber:
    """A number that a document had dialled: as whom, and what became of it."""

    number: str
    caller_id: str
    status: str


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """A call's names and instants, in epoch milliseconds; 0 for what has not come."""

    token: str = field(default_factory=lambda: secrets.token_hex(16))
    call_sid: str = field(default_factory=lambda: f"CA{secrets.token_hex(16)}")
    started_ms: int = field(default_factory=now_ms)
    answered_ms: int = 0
    ended_ms: int = 0
    streams: list[StreamEnd] = field(default_factory=list)
    dialled: list[DialledNumber] = field(default_factory=list)

    @property
    def duration_seconds(self) -> int:
        """From dialling to the end, or until now."""
        return ((self.ended_ms or now_ms()) - self.started_ms) // 1000

    @property
    def billed_seconds(self) -> int:
        """From the answer to the end, or until now."""
        return ((self.ended_ms or now_ms()) - self.answered_ms) // 1000 if self.answered_ms else 0


def names_of(dial: Dial, record: CallRecord) -> JsonObject:
    """Return what the carrier says of a call wherever it says anything of it."""
    return {
        "CallSid": record.call_sid,
        "Session": record.token,
        "AccountSid": dial.domain,
        "Domain": dial.domain,
        "From": dial.caller,
        "To": dial.called,
    }
