"""Everybody who may push a run does so at once: it only goes forward, is dialled once, and leaves nothing in the ledger."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from functions.dialer.services import make_services as make_dialer
from functions.runs.services import make_services as make_runs
from offhook.errors import OffhookError
from offhook.runs.carrier.status import apply_carrier_status
from offhook.runs.model import Delivery, Run, RunStatus, RunTelephony
from tests.support.backstage import Backstage
from tests.support.rest import Install

RUNS = 8
THREADS = 6
PUSHES_PER_THREAD = 40
HELD_FOR = timedelta(seconds=15)
REPORTED = [status for status in RunStatus if status not in (RunStatus.QUEUED, RunStatus.IN_PROGRESS)]
USED_SECONDS = 60


@dataclass(frozen=True)
class Storm:
    """What may happen to a run, each as somebody does it who has just read the row."""

    stage: Backstage
    ids: Sequence[int]
    used_up: list[int] = field(default_factory=list)

    def read(self) -> list[Run]:
        return list(self.stage.store.runs.get_many(self.ids))

    def dial(self, run: Run, _: random.Random) -> None:
        make_dialer(self.stage.ports).calls.dial(run.id, self.stage.clock())

    def hang_up(self, run: Run, _: random.Random) -> None:
        make_runs(self.stage.ports).hang_ups.hang_up(run, self.stage.clock())

    def report(self, run: Run, chance: random.Random) -> None:
        apply_carrier_status(self.stage.ports.ender, run, chance.choice(REPORTED))

    def stream(self, run: Run, chance: random.Random) -> None:
        if run.status is RunStatus.QUEUED:
            # Nobody has been told of a stream yet.
            return
        runs = self.stage.store.runs
        taken = runs.take_over(run, f"streamer-{chance.random()}", self.stage.clock() + HELD_FOR)
        if taken.status is not RunStatus.IN_PROGRESS:
            taken = runs.advance(taken, RunStatus.IN_PROGRESS)
        if taken.ownership is not None and chance.random() < 0.7:
            ended = replace(taken, status=RunStatus.COMPLETED, usage={"call_duration_seconds": USED_SECONDS})
            self.stage.ports.ender.finish(ended, taken.ownership)

    def reap(self, _: Run, __: random.Random) -> None:
        self.stage.clock.move(seconds=20)
        self.stage.reaper.tick()

    def rage(self, seed: int) -> None:
        """Push runs at random; what is refused with an error of the product is refused."""
        chance = random.Random(seed)
        pushes: list[Callable[[Run, random.Random], None]] = [
            self.dial,
            self.hang_up,
            self.report,
            self.stream,
        ]
        for _ in range(PUSHES_PER_THREAD):
            seen = chance.choice(self.read())
            push = self.reap if chance.random() < 0.05 else chance.choice(pushes)
            with suppress(OffhookError):
                push(seen, chance)


@dataclass(frozen=True)
class Watcher:
    """Somebody who looks at all runs again and again, and does not accept that one goes back."""

    storm: Storm
    seen: dict[int, RunStatus] = field(default_factory=dict)
    backwards: list[tuple[int, RunStatus, RunStatus]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.is_over.is_set():
            self.look()

    def look(self) -> None:
        for run in self.storm.read():
            former = self.seen.get(run.id, run.status)
            if former is not run.status and not former.may_become(run.status):
                self.backwards.append((run.id, former, run.status))
            self.seen[run.id] = run.status


@pytest.fixture
def storm(stage: Backstage) -> Storm:
    with httpx.Client() as nobody:
        install = Install(store=stage.store, ports=stage.ports, http=nobody, carrier=stage.carrier)
        tenant = install.new_tenant(stage.organization_id)
    line = RunTelephony(
        configuration_id=tenant.configuration_id,
        caller_number=tenant.caller_number,
        called_number="+12025550123",
    )
    runs = [
        stage.add_run(
            RunStatus.QUEUED,
            agent_uuid=tenant.agent_uuid,
            version=1,
            telephony=line,
            stream_number=1,
            initial_context={"api_key_id": tenant.api_key_id},
            callback=Delivery(url="https://hooks.example.com/resume") if n % 2 else None,
        )
        for n in range(RUNS)
    ]
    return Storm(stage=stage, ids=[run.id for run in runs])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_only_goes_forward_whoever_pushes_it(stage: Backstage, storm: Storm, seed: int) -> None:
    watcher = Watcher(storm=storm)
    with ThreadPoolExecutor(max_workers=THREADS + 1) as pool:
        watching = pool.submit(watcher.watch)
        try:
            list(pool.map(storm.rage, range(seed * THREADS, (seed + 1) * THREADS)))
        finally:
            watcher.is_over.set()
        watching.result()
    settle_the_rest(stage, storm)
    watcher.look()
    assert watcher.backwards == []
    assert all(status.is_final for status in watcher.seen.values())
    dialled = [asked.body["cxml"] for asked in stage.carrier.asked if asked.method == "POST"]
    assert len(dialled) == len(set(dialled)) > 0
    ledger = stage.store.ledgers.get(stage.organization_id)
    assert (ledger.queued, ledger.live) == (frozenset(), frozenset())
    owed = {run.id for run in storm.read() if run.callback}
    assert ledger.owed <= owed


def settle_the_rest(stage: Backstage, storm: Storm) -> None:
    """Let so much time pass that nobody waits, holds or rings any more, as dialer and reaper see it."""
    stage.clock.move(hours=2)
    for run_id in storm.ids:
        make_dialer(stage.ports).calls.dial(run_id, stage.clock())
    for _ in range(3):
        stage.reaper.tick()
        stage.clock.move(minutes=5)
