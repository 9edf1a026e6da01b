"""Rooms of the carrier, in which every telephone hears all the others; driven by the telephones' own clocks."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from local.cloudonix.phones.phone import Phone
from local.people.caller import Said
from streamer.media.mulaw import CHUNK_BYTES, CODES, LINEAR

# Two clocks of 20 ms are never quite in step; what one is ahead by more than this is dropped.
_MAX_WAITING_CHUNKS = 10
_LOUDEST = 32_767


class Seat:
    """One telephone's place in a room; the line that the telephone speaks into."""

    def __init__(self, room: "Room", phone: Phone) -> None:
        self._room = room
        self._phone = phone
        self._heard: dict[Seat, deque[bytes]] = {}

    def say(self, said: Said) -> None:
        """Give the others these 20 ms, and take what they have said meanwhile."""
        for other in self._room.others(self):
            other.hear(self, said.audio)
        waiting = [chunks.popleft() for chunks in self._heard.values() if chunks]
        if waiting:
            self._phone.playout.push(mix(waiting))

    def reach(self, _mark: str) -> None:
        """Nobody in a room asks for marks."""

    def hear(self, speaker: "Seat", audio: bytes) -> None:
        """Keep 20 ms of another one until this telephone's next tick."""
        self._heard.setdefault(speaker, deque(maxlen=_MAX_WAITING_CHUNKS)).append(audio)

    def forget(self, speaker: "Seat") -> None:
        """Let go of somebody who has left."""
        self._heard.pop(speaker, None)


class Room:
    """Who is joined with whom, until it ends."""

    def __init__(self) -> None:
        self._seats: list[Seat] = []
        self.ended = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        return not self._seats

    def join(self, phone: Phone) -> Seat:
        """Let a telephone in."""
        seat = Seat(self, phone)
        self._seats.append(seat)
        phone.connect(seat)
        return seat

    def leave(self, seat: Seat, phone: Phone) -> None:
        """Let it out again."""
        self._seats.remove(seat)
        phone.disconnect(seat)
        for other in self._seats:
            other.forget(seat)

    def others(self, seat: Seat) -> list[Seat]:
        """Return everybody but this one."""
        return [other for other in self._seats if other is not seat]


@dataclass(slots=True)
class Rooms:
    """The rooms of all domains by their names; one that is empty, or has ended, is gone."""

    _rooms: dict[tuple[str, str], Room] = field(default_factory=dict)

    def room(self, domain: str, name: str) -> Room:
        """Return a domain's room, and open it where there is none."""
        room = self._rooms.get((domain, name))
        if room is None or room.ended.is_set():
            room = self._rooms[domain, name] = Room()
        return room

    def tidy(self, domain: str, name: str) -> None:
        """Close a room that nobody is in any more."""
        room = self._rooms.get((domain, name))
        if room and (room.is_empty or room.ended.is_set()):
            del self._rooms[domain, name]


def mix(chunks: Iterable[bytes]) -> bytes:
    """Return what is heard when these sound together."""
    several = list(chunks)
    if len(several) == 1:
        return several[0]
    sums = (sum(LINEAR[code] for code in codes) for codes in zip(*several, strict=False))
    mixed = bytes(CODES[max(-_LOUDEST, min(_LOUDEST, level)) & 0xFFFF] for level in sums)
    return mixed[:CHUNK_BYTES]
