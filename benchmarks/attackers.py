"""Hostile peers, each in a process of its own, so that its work is not the lateness of the simulated carriers."""

import multiprocessing
import os
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from websockets.frames import Opcode

from benchmarks.carriers import CHUNK_S
from benchmarks.crowds import (
    STRANGERS_ADDRESS,
    CrowdAttack,
    MadeUp,
    Pings,
    Refused,
    Silent,
    attack_in_numbers,
)
from benchmarks.messages import UPGRADE, frame, media, opening, split
from benchmarks.speech import load_clips
from streamer.media.mulaw import SILENT_CHUNK

_SILENT_CHUNKS = 125
_AS_FAST_AS_POSSIBLE = 1e12
_CLOSE = 0x88
_BUFFER_BYTES = 65_536
_CONNECT_LIMIT_S = 5.0
_IDLE_S = 0.005
_LOOK_S = 0.5
_FILLING_S = 5.0
"""Until then, what is sent may only have filled the buffers of the two systems; after it, the streamer took it."""

_STOPPING_LIMIT_S = 20.0
_NICER = 29


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What a hostile peer sends over and over, how fast, and whether it reads what the agent says."""

    name: str
    messages: bytes
    bytes_per_second: float = _AS_FAST_AS_POSSIBLE
    reads: bool = True


def make_attacks() -> tuple[Attack | CrowdAttack, ...]:
    """Return all attacks; what a caller says in them is a sentence and the silence that a reply needs."""
    chunks = (*load_clips()[0].chunks, *[SILENT_CHUNK] * _SILENT_CHUNKS)
    turn = b"".join(media(chunk) for chunk in chunks)
    real_time = len(turn) / (len(chunks) * CHUNK_S)
    return (
        Attack(name="100 times real time", messages=turn, bytes_per_second=100 * real_time),
        Attack(name="1 MB messages", messages=frame(Opcode.TEXT, b"x" * 1_000_000)),
        Attack(name="never reads", messages=turn, bytes_per_second=real_time, reads=False),
        Pings(),
        Refused(),
        Silent(),
        MadeUp(),
    )


@contextmanager
def attacked(attack: Attack | CrowdAttack, port: int) -> Iterator[list[str]]:
    """Attack while this context lasts; the list then holds what became of the attacker."""
    outcome: list[str] = []
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_attack, args=(attack, port, theirs), daemon=True)
    process.start()
    try:
        yield outcome
        ours.send("stop")
        outcome.append(ours.recv() if ours.poll(_STOPPING_LIMIT_S) else "gave no account of itself")
    finally:
        process.terminate()
        process.join()


def _attack(attack: Attack | CrowdAttack, port: int, control: Connection) -> None:
    with suppress(OSError):
        os.nice(_NICER)  # the carriers share its core, and their lateness would be ours
    account = (
        _Attacker(attack, port, control).run()
        if isinstance(attack, Attack)
        else attack_in_numbers(attack, port, control)
    )
    control.send(account)


class _Attacker:
    """One hostile peer, which calls again whenever it is closed."""

    def __init__(self, attack: Attack, port: int, control: Connection) -> None:
        self._attack = attack
        self._port = port
        self._control = control
        self._sent_bytes = 0
        self._unread_bytes = 0
        self._rest = b""
        self._ends: Counter[str] = Counter()
        self._counts_from_s = time.perf_counter() + _FILLING_S

    def run(self) -> str:
        """Attack until told to stop; return what became of it."""
        while not self._control.poll():
            try:
                with self._connect() as peer:
                    self._send_on(peer)
            except OSError:
                self._ends["cut off"] += 1
        return self._account()

    def _connect(self) -> socket.socket:
        peer = socket.socket()
        # Small buffers: what the system holds for us is neither taken by the streamer nor in its way.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES if self._attack.reads else 1)
        peer.settimeout(_CONNECT_LIMIT_S)
        peer.bind((STRANGERS_ADDRESS, 0))
        peer.connect(("127.0.0.1", self._port))
        peer.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (byte := peer.recv(1)):
                raise ConnectionResetError
            head += byte
        peer.sendall(opening())
        peer.setblocking(False)
        return peer

    def _send_on(self, peer: socket.socket) -> None:
        messages, size = memoryview(self._attack.messages), len(self._attack.messages)
        begun_s, sent, self._rest = time.perf_counter(), 0, b""
        while not self._control.poll():
            due = int((time.perf_counter() - begun_s) * self._attack.bytes_per_second) - sent
            readers, writers = [peer] if self._attack.reads else [], [peer] if due > 0 else []
            readable, writable, _ = select.select(readers, writers, [], _IDLE_S)
            if readable and self._is_closed_by(_received(peer)):
                return
            if writable:
                count = peer.send(messages[sent % size :][: min(due, _BUFFER_BYTES)])
                sent += count
                self._count(count)
        if not self._attack.reads:
            self._look(peer)

    def _is_closed_by(self, data: bytes) -> bool:
        frames, self._rest = split(self._rest + data)
        codes = [int.from_bytes(payload[:2], "big") for kind, payload in frames if kind == _CLOSE]
        self._ends.update(f"closed {code}" for code in codes)
        return bool(codes)

    def _count(self, sent_bytes: int) -> None:
        if time.perf_counter() >= self._counts_from_s:
            self._sent_bytes += sent_bytes

    def _look(self, peer: socket.socket) -> None:
        """Count, at the end, what was not read."""
        until_s = time.perf_counter() + _LOOK_S
        while time.perf_counter() < until_s:
            if select.select([peer], [], [], _IDLE_S)[0]:
                self._unread_bytes += len(_received(peer))

    def _account(self) -> str:
        if self._ends:
            # What it sent says little then: each new connection has buffers to fill.
            return ", ".join(f"{end} ({count} times)" for end, count in self._ends.items())
        rate = self._sent_bytes / (time.perf_counter() - self._counts_from_s) / 1000
        unread = "" if self._attack.reads else f", {self._unread_bytes / 1000:.0f} kB left unread"
        return f"stayed on the line, {rate:.0f} kB/s taken{unread}"


def _received(peer: socket.socket) -> bytes:
    data = peer.recv(_BUFFER_BYTES)
    if not data:
        raise ConnectionResetError
    return data
