"""A campaign whose parts are killed at random moments calls everybody as often as the outcomes ask for, and nobody else."""

import asyncio
import logging
import random
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import pytest

from local.people.scripts import CallerScript, Pickup
from tests.support.killable_install import FUNCTIONS, Document, KillableInstall, killable_install

logger = logging.getLogger(__name__)

# By what became of a call, how often a person is called again.
RETRIES = {"busy": 2, "no_answer": 1, "failed": 1}
ANSWERS = CallerScript(lines=("hangup",))
BUSY = CallerScript(pickup=Pickup.BUSY)
NOT_ANSWERING = CallerScript(pickup=Pickup.NO_ANSWER)
PEOPLE = (
    ANSWERS,
    BUSY,
    NOT_ANSWERING,
    CallerScript(pickup=Pickup.BUSY, later=ANSWERS),
    CallerScript(pickup=Pickup.FAILS),
)
# What goes on when a pause is asked for has so long.
PAUSE_LIMIT_S = 5


def people(count: int) -> dict[str, CallerScript]:
    """Return people of all kinds by their numbers."""
    return {f"+1202555{each:04d}": PEOPLE[each % len(PEOPLE)] for each in range(count)}


async def begin_campaign(install: KillableInstall, numbers: Sequence[str], at_once: int) -> str:
    """Make and start a campaign; return its path."""
    campaign = await install.post(
        "/campaigns",
        {
            "name": "Reminders",
            "agent_uuid": install.seed.agent_uuid,
            "respects_calling_hours": False,
            "max_concurrent_calls": at_once,
            "calls_per_minute": 6000,
            "retries": {name: {"times": times, "after_minutes": 0} for name, times in RETRIES.items()},
        },
    )
    path = f"/campaigns/{campaign['id']}"
    added = await install.post(
        f"{path}/contacts", {"contacts": [{"phone_number": number} for number in numbers]}
    )
    assert added["contacts"] == len(numbers)
    await install.post(f"{path}/start")
    return path


def are_asked_for(outcomes: Sequence[str]) -> bool:
    """Say whether after each outcome but the last another attempt was due, and none after the last."""
    used: Counter[str] = Counter()
    follows = []
    for outcome in outcomes:
        follows.append(used[outcome] < RETRIES.get(outcome, 0))
        used[outcome] += 1
    return follows == [True] * (len(outcomes) - 1) + [False]


async def assert_exact(
    install: KillableInstall, path: str, numbers: Collection[str], *, unwilling: Collection[str] = ()
) -> None:
    """Check runs, counts and the carrier's own memory against each other, and against the rules."""
    runs = await install.all_of("/runs", campaign_id=path.rpartition("/")[2])
    attempts: defaultdict[str, list[Document]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: int(run["id"])):
        attempts[run["initial_context"]["called_number"]].append(run)
    assert set(attempts) == {*numbers, *unwilling}
    for number in numbers:
        outcomes = [run["status"] for run in attempts[number] if not is_held_back(run)]
        assert are_asked_for(outcomes), (number, outcomes)
        # A dialer that was killed before the carrier's answer has left a run without a call's id, and nobody knows whether
        # the phone has rung: it is never dialled again for that run.
        undialled = len(outcomes) - install.called.times[number]
        unknown = sum(run["telephony"]["call_id"] is None for run in attempts[number])
        assert 0 <= undialled <= unknown, (number, outcomes)
    done = (await install.get(f"{path}/progress"))["done"]
    assert sum(done.values()) == len(numbers) + len(unwilling)
    assert done.get("do_not_call", 0) == len(unwilling)


def is_held_back(run: Document) -> bool:
    """Say whether a run was given up without a dial, since its campaign was paused, so that it is no attempt."""
    return run["status"] != "queued" and run["started_at"] is None


async def is_completed(install: KillableInstall, path: str) -> bool:
    return bool((await install.get(path))["status"] == "completed")


async def are_dialled(install: KillableInstall, dials: int) -> bool:
    return len(install.called.dials) >= dials


async def are_queued(install: KillableInstall, path: str, count: int) -> bool:
    runs = await install.all_of("/runs", campaign_id=path.rpartition("/")[2])
    return [run["status"] for run in runs] == ["queued"] * count


async def kill_at_random(
    install: KillableInstall, names: Sequence[str], dials: int, chance: random.Random
) -> None:
    """Kill these parts one after the other, each somewhere between the dials that are expected."""
    for place, name in enumerate(names):
        after = round(dials * (place + chance.random()) / (len(names) + 1))
        await install.until(partial(are_dialled, install, after), 120)
        await asyncio.sleep(chance.random() / 2)
        logger.info("%s is killed after %s dials", name, len(install.called.dials))
        await install.kill(name)


async def survive(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    count: int,
    at_once: int,
    killed: Sequence[str],
    processes: Sequence[str],
    limit_s: float,
) -> None:
    """Have a campaign called, kill these parts in a random order, and check that all is as if nobody had."""
    seed = random.randrange(10**6)
    logger.info("seed %s", seed)
    chance, everybody = random.Random(seed), people(count)
    async with killable_install(folder, monkeypatch, everybody, processes=processes) as install:
        path = await begin_campaign(install, list(everybody), at_once)
        await kill_at_random(install, chance.sample(killed, len(killed)), count, chance)
        await install.until(partial(is_completed, install, path), limit_s)
        await assert_exact(install, path, everybody)
        assert install.called.most_at_once <= at_once


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_whatever_is_killed_everybody_is_called_as_often_as_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, processes = (FUNCTIONS, FUNCTIONS, FUNCTIONS, "streamer"), (FUNCTIONS,)
    await survive(tmp_path, monkeypatch, count=15, at_once=4, killed=killed, processes=processes, limit_s=150)


@pytest.mark.long
@pytest.mark.timeout(2700)
async def test_three_hundred_people_are_called_through_twenty_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = FUNCTIONS.split()
    killed = [*processes, "streamer", "aws"] * 3 + ["feeder", "dialer"]
    await survive(
        tmp_path, monkeypatch, count=300, at_once=8, killed=killed, processes=processes, limit_s=1500
    )


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_a_queued_call_is_not_dialled_for_whoever_does_not_want_it_nor_after_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Phones ring for so long, and are not answered, that those who are called are called at the same time.
    at_once, everybody = 3, dict.fromkeys(people(9), NOT_ANSWERING)
    unwilling, *others = everybody
    async with killable_install(
        tmp_path,
        monkeypatch,
        everybody,
        processes=("dialer", "aftercall feeder reaper"),
        no_answer_seconds=2,
    ) as install:
        await install.parts["dialer"].kill()
        path = await begin_campaign(install, list(everybody), at_once)
        await install.until(partial(are_queued, install, path, at_once), 60)
        await install.post("/organization/do-not-call", {"phone_number": unwilling})
        await assert_pauses(install, path)
        assert install.called.dials == []
        await install.until(partial(are_dialled, install, at_once), 60)
        await assert_pauses(install, path)
        assert len(install.called.times) < len(others)
        await install.until(partial(is_completed, install, path), 120)
        assert unwilling not in install.called.times
        await assert_exact(install, path, others, unwilling=[unwilling])
        assert install.called.most_at_once == at_once


async def assert_pauses(install: KillableInstall, path: str) -> None:
    """Check that nobody is dialled 5 s after a pause, by a dialer that is started after it where none runs."""
    await install.post(f"{path}/pause")
    paused_s = time.monotonic()
    if not install.parts["dialer"].is_alive:
        await install.parts["dialer"].start()
    await asyncio.sleep(PAUSE_LIMIT_S + 3)
    assert install.called.since(paused_s + PAUSE_LIMIT_S) == []
    await install.post(f"{path}/resume")
