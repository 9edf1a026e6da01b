"""What a carrier can be told to do next with a call; each adapter writes it in its provider's words."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStream:
    """Open the media stream at `url`, after a wait if there is one, and when it ends ask `continue_url` how to go on.

    A carrier need not open a second stream of the same name, so each attempt has its own.
    """

    name: str
    wait_seconds: int = 0
    url: str = field(repr=False)
    continue_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutThrough:
    """Call a number or SIP address, join the two, and ask `result_url` how to go on when that is over.

    `continue_url` is for a carrier that goes on by itself instead.
    """

    called_number: str = field(repr=False)
    caller_number: str | None = field(repr=False)
    timeout_seconds: int
    result_url: str = field(repr=False)
    continue_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceAndJoin:
    """For the other person of a warm transfer: hear the summary, then wait in the room; `status_url` is told."""

    summary: str = field(repr=False)
    room: str
    status_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRoom:
    """For the caller of a warm transfer: join the room, and when it has ended ask how to go on."""

    room: str
    continue_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayDigits:
    """Press these keys, with `w` for half a second of waiting, then ask how to go on."""

    digits: str = field(repr=False)
    continue_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """Ask `continue_url` how to go on."""

    continue_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call, after a last sentence if there is one."""

    sentence: str = ""


Instruction: TypeAlias = OpenStream | PutThrough | AnnounceAndJoin | JoinRoom | PlayDigits | ComeBack | HangUp
