"""What the session socket needs of others: who takes the line of a web session, and who carries out what clients ask for."""

from collections.abc import Sequence
from typing import Protocol

from offhook.runs.model import Run
from offhook.sessions.client_frames import StartFrame
from offhook.sessions.frames import SentFrame


class Client(Protocol):
    """The peer of one session socket, as those see it who send to it; called on the event loop, nothing waits."""

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

    def close(self, code: int, reason: str) -> None:
        """Close the socket, without waiting for the peer."""

    def take_place(self) -> None:
        """Count as a call from now on, no longer as a watcher; raise NoRoomError (1013) where there is no room."""


class LineHold(Protocol):
    """The line of a web session in the hands of the client that has started it; called on the event loop."""

    def hear(self, audio: bytes) -> None:
        """Take the caller's audio, in the format that `ready` has named."""

    def played(self, name: str) -> None:
        """Learn that the audio before this mark was played, or cleared."""

    def let_go(self) -> None:
        """Learn, once, that the client is gone."""


class Lines(Protocol):
    """Who takes the lines of web sessions."""

    async def start(self, client: Client, run: Run, frame: StartFrame) -> LineHold:
        """Make this client the caller, in the place of any other.

        Raises ConflictError where the line is not to be had (a phone call's is the carrier's), NoRoomError where this
        task is full.
        """
