"""What a person at a simulated phone does, and what goes wrong around a call to them."""

from dataclasses import dataclass
from enum import StrEnum


class Pickup(StrEnum):
    """What a phone does that is dialled."""

    ANSWERS = "answers"
    BUSY = "busy"
    DECLINES = "declines"
    NO_ANSWER = "no-answer"
    FAILS = "fails"
    CONGESTION = "congestion"


class DialReply(StrEnum):
    """What the REST API answers when the number is dialled."""

    WORKS = "works"
    TOO_MANY = "too-many"
    FAILS = "fails"
    REFUSES = "refuses"
    NEVER = "never"
    NEVER_YET_CALLS = "never-yet-calls"


class Reports(StrEnum):
    """Which status callbacks and CDRs a call has."""

    ALL = "all"
    NONE = "none"
    CDR_ONLY = "cdr-only"
    TWICE = "twice"
    OTHER_WORDS = "other-words"


class StreamFault(StrEnum):
    """What the carrier does wrong with the first media stream of a call; those after it are as they should be."""

    DROPS = "drops"
    GARBAGE = "garbage"
    MEDIA_BEFORE_START = "media-before-start"
    TWO_SOCKETS = "two-sockets"
    NEVER_STARTS = "never-starts"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerScript:
    """A person: whether they pick up, what they do (see `local.people.lines.read_line`); and the faults.

    `later` is how they are when the carrier dials them the next time; the time after that, they are as before.
    """

    lines: tuple[str, ...] = ()
    pickup: Pickup = Pickup.ANSWERS
    dial_reply: DialReply = DialReply.WORKS
    reports: Reports = Reports.ALL
    stream_fault: StreamFault | None = None
    later: "CallerScript | None" = None
