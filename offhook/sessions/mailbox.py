"""The mailbox of a process that owns calls, and how a command is sent there and answered."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from offhook.clock import Clock
from offhook.errors import ConflictError, LimitReachedError, StorageError, UnansweredError
from offhook.ids import new_uuid
from offhook.runs.model import Run
from offhook.sessions.commands import Command, End, Refusal

CLAIM_LIMIT = timedelta(seconds=2)
"""How long a command waits for its owner, which looks four times a second while it lives."""

ANSWER_LIMIT = timedelta(seconds=6)
"""How long its sender waits in all: what was claimed is being carried out, and the store may be slow to take it."""

KEPT_FOR = timedelta(seconds=30)
"""After which no owner takes a letter: one that stood still for so long does not do what nobody waits for any more."""

MOST_OF_OWNER = 64
MOST_OF_RUN = 16
MOST_OF_SENDER = 8
"""Letters that may wait at a time; an owner that lives leaves none waiting for longer than a quarter of a second."""

_LOOK_EVERY_S = 0.1


class LetterStatus(StrEnum):
    """How far a letter is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A command on its way to the owner of a run.

    `command` is None for one of a release that this one does not know. `sender` is whose it is, a key or a client; ""
    where that is not told.
    """

    owner: str
    run_id: int
    id: str
    command: Command | None = field(repr=False)
    sender: str
    sent_at: datetime
    status: LetterStatus = LetterStatus.WAITING
    refusal: Refusal | None = None

    def is_stale(self, now: datetime) -> bool:
        """Say whether nobody waits for it any more."""
        return now - self.sent_at > KEPT_FOR


class Mailbox(Protocol):
    """The letters of all owners. Synchronous; every call may block for a network round trip."""

    def put(self, letter: Letter) -> None:
        """Store a letter, unless one with its id is there: doing it again is harmless."""

    def waiting(self, owner: str) -> Sequence[Letter]:
        """Return the owner's letters that nobody has claimed, first those sent first, as the last writes left them."""

    def claim(self, letter: Letter) -> bool:
        """Take a letter that waits; say whether it is ours to carry out: False for one that was claimed or cancelled."""

    def acknowledge(self, letter: Letter, refusal: Refusal | None) -> None:
        """Tell the sender that a claimed letter was carried out, or why it was not."""

    def cancel(self, letter: Letter) -> bool:
        """Take back a letter that nobody has claimed; say whether it is gone for good."""

    def get(self, letter: Letter) -> Letter:
        """Return the letter as it is stored now; one that is gone was cancelled: raise ConflictError `not-claimed`."""

    def remove(self, letter: Letter) -> None:
        """Remove a letter whose answer has been read."""


@dataclass(frozen=True, slots=True)
class Commander:
    """Has commands carried out by the processes that own the calls. Implements Owners."""

    mailbox: Mailbox
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def send(self, run: Run, command: Command, *, sender: str = "") -> None:
        """Return once the run's log holds what the command did.

        `run` is as it is stored now. Raises ConflictError `session-state` where nobody has the call, `not-claimed` where
        its owner did not take the command within 2 s (it is taken back, and nothing was done), and the owner's own
        refusal. Raises UnansweredError `not-acknowledged` where the owner took it and did not answer, LimitReachedError
        where too many wait.
        """
        if run.status.is_final or run.ownership is None:
            raise ConflictError(
                f"The run is {run.status.value} and no process has its call: commands reach calls that are live.",
                code="session-state",
            )
        letter = Letter(
            owner=run.ownership.owner,
            run_id=run.id,
            id=command.id,
            command=command,
            sender=sender,
            sent_at=self.clock(),
        )
        self._check_room(letter)
        self.mailbox.put(letter)
        self._settle(self._answered(letter))

    def end(self, run: Run) -> None:
        self.send(run, End(id=new_uuid()))

    def _check_room(self, letter: Letter) -> None:
        letters = self.mailbox.waiting(letter.owner)
        waiting = Counter((each.run_id, each.sender) for each in letters)
        of_run = sum(count for (run_id, _), count in waiting.items() if run_id == letter.run_id)
        of_sender = sum(count for (_, sender), count in waiting.items() if sender == letter.sender != "")
        if len(letters) >= MOST_OF_OWNER or of_run >= MOST_OF_RUN or of_sender >= MOST_OF_SENDER:
            raise LimitReachedError(
                "Too many commands wait for this call: send the next one when those before it are answered.",
                retry_after_seconds=1,
                code="too-many-commands",
            )

    def _answered(self, letter: Letter) -> Letter:
        """Wait for the answer; cancel what is not claimed in time."""
        claim_by, answer_by = letter.sent_at + CLAIM_LIMIT, letter.sent_at + ANSWER_LIMIT
        while (now := self.clock()) <= answer_by:
            self.sleep(_LOOK_EVERY_S)
            # A store that is away for a moment does not change what becomes of the letter.
            with suppress(StorageError):
                found = self.mailbox.get(letter)
                if found.status in (LetterStatus.DONE, LetterStatus.REFUSED):
                    return found
                if found.status is LetterStatus.WAITING and now > claim_by and self.mailbox.cancel(letter):
                    raise not_claimed()
        raise UnansweredError(
            "The process that has the call took the command and did not answer: the run's events tell whether it was "
            "carried out.",
            code="not-acknowledged",
        )

    def _settle(self, letter: Letter) -> None:
        # The answer counts, whatever becomes of the letter: the store removes it in the end.
        with suppress(StorageError):
            self.mailbox.remove(letter)
        if letter.refusal is not None:
            raise ConflictError(letter.refusal.detail, code=letter.refusal.code)


def not_claimed() -> ConflictError:
    """Return the error of a command that was taken back."""
    return ConflictError(
        "The process that has the call did not take the command, so nothing was done. It may be gone, and another take the "
        "call over in a moment: try again then.",
        code="not-claimed",
    )
