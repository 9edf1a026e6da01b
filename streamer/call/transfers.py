"""The transfers of one call: which is under way, and what the log says of it."""

from offhook.runs.log.events import TransferEvent
from offhook.runs.log.reading import Open
from offhook.runs.model import TransferStatus
from offhook.workflows import Transfer, TransferMode
from streamer.call import commands
from streamer.call.commands import Append, Command
from streamer.call.conversation import Conversation
from streamer.call.speakable import speakable

MOST_TRANSFERS = 10
"""Dials of one call: who was tried so often is not reached by one more."""


class Transfers:
    """Follows one transfer at a time, `open` until its end is known.

    `is_moving` says that the carrier was told to take the caller out of our stream, for a transfer or for keys;
    `stream_is_over` that the stream has ended since, and the carrier's answer will tell why. `call_id` names the model's
    call of a tool that asked for it; no node of the workflow did then.
    """

    def __init__(self, talk: Conversation, *, count: int) -> None:
        self._talk = talk
        self._count = count
        self.open: Transfer | None = None
        self.is_moving = False
        self.stream_is_over = False
        self.call_id = ""

    @property
    def are_used_up(self) -> bool:
        """Say whether nobody else may be dialled for this call."""
        return self._count >= MOST_TRANSFERS

    def prepare(self) -> None:
        """Take note that the present node has the caller leave our stream."""
        self.is_moving = self.stream_is_over = False

    def start(self, wanted: Transfer) -> list[Command]:
        """Put the caller through."""
        self._count += 1
        self.open = wanted
        self.is_moving = wanted.mode is TransferMode.COLD
        transfer = commands.Transfer(
            number=self._count,
            mode=wanted.mode,
            to=self._talk.fill(wanted.to),
            summary=speakable(self._talk.fill(wanted.summary)),
            timeout_seconds=wanted.timeout_seconds,
        )
        return [self.record(TransferStatus.STARTED, wanted.mode), transfer]

    def end(
        self, state: TransferStatus, mode: Open[TransferMode], reason: str | None = None
    ) -> list[Command]:
        """Take note of how the transfer ended."""
        self.open = None
        return [self.record(state, mode, reason)]

    def abandon(self, reason: str) -> list[Command]:
        """Give up a transfer that is under way, because the call ends."""
        if self.open is None:
            return []
        return [*self.end(TransferStatus.FAILED, self.open.mode, reason), commands.CancelTransfer()]

    def record(self, state: TransferStatus, mode: Open[TransferMode], reason: str | None = None) -> Append:
        """Return the event that tells of the latest transfer."""
        told = TransferEvent(transfer_id=f"t{self._count}", mode=mode, state=state, reason=reason)
        return Append(event=told)
