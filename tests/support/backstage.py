"""The functions that no request calls, on tables of their own, with a clock that a test sets and queues that it reads."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from functions.reaper.services import make_services as make_reaper
from local.install.ports import LocalPorts
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.ids import run_id_floor
from offhook.organizations.limits import Limits
from offhook.runs.ledger import Admission
from offhook.runs.model import Run, RunStatus
from offhook.runs.reaping.reaper import Reaper
from offhook.settings import Settings
from tests.support.aws import with_tables_of_its_own
from tests.support.carrier import ScriptedCarrier
from tests.support.makers import NOON, make_run

_NUMBERS = count()

CONTEXT = object()
"""What Lambda hands over beside the event; these functions do not look at it."""


@dataclass(slots=True)
class HandSetClock:
    """A clock that stands still until a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class NotedQueue:
    """Implements WorkQueue by noting what was sent, with its delay in seconds."""

    sent: list[tuple[int, int]] = field(default_factory=list)

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        self.sent.append((run_id, delay_seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backstage:
    """An install without its front door."""

    settings: Settings
    ports: LocalPorts
    clock: HandSetClock
    dials: NotedQueue
    aftercalls: NotedQueue
    carrier: ScriptedCarrier
    reaper: Reaper
    organization_id: str

    @property
    def store(self) -> Store:
        return self.ports.store

    def add_run(self, status: RunStatus = RunStatus.DIALING, **changes: Any) -> Run:
        """Make a run of this moment, in its place in the ledger; a final one has not given it back yet."""
        now = self.clock()
        # The clock stands still, and random ids of one millisecond would collide now and then.
        run_id = run_id_floor(now) + next(_NUMBERS) % 4096
        made = make_run(
            self.organization_id, **{"id": run_id, "created_at": now, "status": status, **changes}
        )
        if status is not RunStatus.QUEUED:
            made = replace(made, started_at=changes.get("started_at", now))
        admission = self.admission(made)
        if status is RunStatus.QUEUED:
            self.store.ledgers.enqueue(admission, now)
        else:
            self.store.ledgers.admit(admission, now)
        self.store.runs.create(made)
        return made

    def add_finished_run(self, **changes: Any) -> Run:
        """Make a run and end it, with all that follows."""
        return self.ports.ender.end(self.add_run(**changes), RunStatus.NO_ANSWER)

    def admission(self, run: Run) -> Admission:
        return Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=Limits(max_concurrent_calls=1000),
        )

    def stored(self, run: Run) -> Run:
        return self.store.runs.get(run.organization_id, run.id)


@contextmanager
def backstage(storage_settings: Settings, media: S3Media, folder: Path) -> Iterator[Backstage]:
    """Make tables and a carrier for the time of the block."""
    settings = replace(
        with_tables_of_its_own(storage_settings),
        public_base_url="https://voice.example.net",
        allowed_networks="127.0.0.0/8",
    )
    clock, dials, aftercalls = HandSetClock(), NotedQueue(), NotedQueue()
    with ScriptedCarrier().serving() as carrier:
        client = CloudonixClient(carrier.url, read_timeout_s=0.4)
        settings = replace(settings, cloudonix_url=carrier.url)
        ports = LocalPorts(settings, key_file=folder / "key", clock=clock)
        ports.media, ports.carrier, ports.dials, ports.aftercalls = media, client, dials, aftercalls
        yield Backstage(
            settings=settings,
            ports=ports,
            clock=clock,
            dials=dials,
            aftercalls=aftercalls,
            carrier=carrier,
            reaper=make_reaper(ports),
            organization_id=f"org-{secrets.token_hex(6)}",
        )
        client.close()


def message(run_id: int, message_id: str = "m1") -> dict[str, Any]:
    """Return an event of SQS with one message that names the run."""
    return {"Records": [{"messageId": message_id, "body": json.dumps({"run_id": run_id})}]}


@pytest.fixture
def stage(storage_settings: Settings, media: S3Media, tmp_path: Path) -> Iterator[Backstage]:
    """Return a backstage of the test's own."""
    with backstage(storage_settings, media, tmp_path) as found:
        yield found
