"""Sessions in a browser, as they stand in the store, and owners that carry out what they are told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from offhook.clock import system_clock
from offhook.runs.model import Direction, Run, RunStatus, RunTelephony, SessionTerms
from offhook.sessions.commands import Command, Refusal
from tests.support.live_runs import add_run
from tests.support.rest import Install, Tenant

IN_FIVE_MINUTES = timedelta(minutes=5)


def add_web_run(
    install: Install, tenant: Tenant, status: RunStatus = RunStatus.DIALING, **changes: Any
) -> Run:
    """Make a session in its place in the ledger; one that talks is owned by the process `streamer-1`."""
    begins = RunStatus.DIALING if status is RunStatus.IN_PROGRESS else status
    now = system_clock()
    stands = {
        "direction": Direction.WEB,
        "mode": "web",
        "telephony": RunTelephony(),
        "stream_number": 0,
        "started_at": now,
        "session": SessionTerms(expires_at=now + IN_FIVE_MINUTES),
    }
    run = add_run(install, tenant, begins, **stands | changes)
    if status is not RunStatus.IN_PROGRESS:
        return run
    owned = install.store.runs.take_over(run, "streamer-1", now + timedelta(seconds=15))
    return install.store.runs.advance(owned, status)


@dataclass(slots=True)
class Owner:
    """A process that holds calls, as its mailbox sees it; `refusal` is what it answers to all commands."""

    install: Install
    name: str = "streamer-1"
    refusal: Refusal | None = None
    told: list[Command | None] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def _serve(self) -> None:
        mailbox = self.install.store.mailbox
        while not self._is_over.wait(0.02):
            for letter in mailbox.waiting(self.name):
                if mailbox.claim(letter):
                    self.told.append(letter.command)
                    mailbox.acknowledge(letter, self.refusal)

    @contextmanager
    def serving(self) -> Iterator["Owner"]:
        """Read the mailbox for the time of the block."""
        thread = threading.Thread(target=self._serve)
        thread.start()
        try:
            yield self
        finally:
            self._is_over.set()
            thread.join()
