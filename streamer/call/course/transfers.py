"""The transfers of one call: which is under way, and what the log says of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from offhook.runs.log.events import TransferEvent
from offhook.runs.log.reading import Open
from offhook.runs.model import TransferStatus
from offhook.workflows import Transfer, TransferMode
from streamer.call import commands
from streamer.call.commands import Append, Command
from streamer.call.conversation.speakable import speakable

MOST_TRANSFERS = 10
"""Dials of one call: who was tried so often is not reached by one more."""


@dataclass(slots=True, kw_only=True)
class SetAside:
    """What the agent was about when an operator put the caller through, for when nobody can be reached.

    `unsaid` is what it still wanted to say, `unanswered` what the caller has said and was not answered, `must_ask` that the
    language model was about to find the next words.
    """

    unsaid: list[str] = field(default_factory=list)
    unanswered: str = ""
    must_ask: bool = False


class Transfers:
    """Follows one transfer at a time, `open` until its end is known; it is dialled once the words before were heard.

    `is_moving` says that the carrier was told to take the caller out of our stream, for a transfer or for keys;
    `stream_is_over` that the stream has ended since, and the carrier's answer will tell why. Of one that no node of the
    workflow asked for, `call_id` names the model's call of a tool, or `command_id` an operator's command, for which the
    agent has `set_aside` what it was about.
    """

    def __init__(self, *, count: int, known: Iterable[str] = ()) -> None:
        self._count = count
        self._known = set(known)
        self._is_dialled = False
        self.open: Transfer | None = None
        self.is_moving = False
        self.stream_is_over = False
        self.call_id = ""
        self.command_id = ""
        self.set_aside = SetAside()

    @property
    def are_used_up(self) -> bool:
        """Say whether nobody else may be dialled for this call."""
        return self._count >= MOST_TRANSFERS

    @property
    def is_awaited(self) -> bool:
        """Say whether somebody is being called for a caller who waits with us."""
        return self._is_dialled and not self.is_moving

    def knows(self, command_id: str) -> bool:
        """Say whether this command was carried out before: what is told twice is done once."""
        return command_id in self._known

    def prepare(self) -> None:
        """Take note that the present node has the caller leave our stream."""
        self.is_moving = self.stream_is_over = False

    def begin(self, wanted: Transfer, *, command_id: str = "") -> list[Command]:
        """Take note of a transfer, whose texts are filled in."""
        self._count += 1
        self.open, self.command_id = wanted, command_id
        self._known.add(command_id)
        return [self.record(TransferStatus.STARTED, wanted.mode)]

    def dial(self) -> list[Command]:
        """Put the caller through, unless that was begun already."""
        wanted = self.open
        if wanted is None or self._is_dialled:
            return []
        self._is_dialled = True
        self.is_moving = wanted.mode is TransferMode.COLD
        return [
            commands.Transfer(
                number=self._count,
                mode=wanted.mode,
                to=wanted.to,
                summary=speakable(wanted.summary),
                timeout_seconds=wanted.timeout_seconds,
            )
        ]

    def end(
        self, state: TransferStatus, mode: Open[TransferMode], reason: str | None = None
    ) -> list[Command]:
        """Take note of how the transfer ended."""
        self.open, self._is_dialled = None, False
        return [self.record(state, mode, reason)]

    def fail_former(self, mode: Open[TransferMode], reason: str, *, command_id: str = "") -> list[Command]:
        """Take note that the one which was under way when the log ends came to nothing."""
        self.command_id = command_id
        return self.end(TransferStatus.FAILED, mode, reason)

    def abandon(self, reason: str) -> list[Command]:
        """Give up a transfer that is under way, because the call ends."""
        if self.open is None:
            return []
        cancel = [commands.CancelTransfer()] if self._is_dialled else []
        return [*self.end(TransferStatus.FAILED, self.open.mode, reason), *cancel]

    def record(self, state: TransferStatus, mode: Open[TransferMode], reason: str | None = None) -> Append:
        """Return the event that tells of the latest transfer."""
        told = TransferEvent(
            transfer_id=f"t{self._count}",
            mode=mode,
            state=state,
            reason=reason,
            command_id=self.command_id or None,
        )
        return Append(event=told)
