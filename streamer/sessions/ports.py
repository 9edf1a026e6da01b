"""What the session socket needs of others: who takes the line of a web session, and who carries out what clients ask for."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from offhook.runs.model import Run
from offhook.sessions.client_frames import StartFrame
from offhook.sessions.commands import Command
from offhook.sessions.frames import AudioFormat, SentFrame


class Client(Protocol):
    """The peer of one session socket, as those see it who send to it; called on the event loop, nothing waits."""

    @property
    def lasting(self) -> asyncio.TaskGroup:
        """What outlives the socket: its place is kept, and its handler lasts, until these tasks are over."""

    @property
    def is_open(self) -> bool:
        """Whether anything can still be sent."""

    @property
    def takes_text_audio(self) -> bool:
        """Whether audio is to come in text frames (`?audio=json`)."""

    def send(self, *frames: SentFrame) -> None:
        """Send frames that go beside the log."""

    def send_texts(self, texts: Sequence[str]) -> None:
        """Send frames that are written already."""

    def send_audio(self, audio: bytes) -> None:
        """Send a part of the agent's audio in the format that `ready` has named, as this client takes it."""

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        """Send messages as they are, str as text and bytes as binary."""

    def close(self, code: int, reason: str) -> None:
        """Close the socket, without waiting for the peer."""

    def take_place(self) -> None:
        """Count as a call from now on, no longer as a guest; raise NoRoomError (1013) where there is no room."""

    def leave_place(self) -> None:
        """Count as a guest again: no call came of it."""


class LineHold(Protocol):
    """The line of a web session in the hands of the client that has started it; called on the event loop."""

    @property
    def audio_in(self) -> AudioFormat:
        """How the caller's audio comes."""

    @property
    def audio_out(self) -> AudioFormat:
        """How the agent's audio goes."""

    def hear(self, audio: bytes) -> None:
        """Take the caller's audio; raise ProtocolError for what can't be audio."""

    def played(self, name: str) -> None:
        """Learn that the audio before this mark was played, or cleared."""

    def hang_up(self) -> None:
        """End the call, as a caller does."""

    def let_go(self) -> None:
        """Learn, once, that the client is gone."""


class Lines(Protocol):
    """Who takes the lines of web sessions."""

    async def start(self, client: Client, run: Run, frame: StartFrame) -> LineHold:
        """Make this client the caller, in the place of any other; return once the call goes on.

        Raises ConflictError where the line is not to be had (a phone call's is the carrier's), NoRoomError where this
        task is full.
        """


class Commands(Protocol):
    """Who carries out commands, wherever their call lives."""

    async def carry_out(self, run: Run, command: Command, *, sender: str) -> None:
        """Return once the command was carried out and the log says so; raise what it was refused with."""
