"""Calls that survive their process: killed, frozen, or gone together with the carrier's way back."""

import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offhook.adapters.s3.media import S3Media
from offhook.runs.events import EventType, RunEvent
from offhook.runs.model import Run, RunStatus
from offhook.runs.projections import transcript
from offhook.settings import Settings
from tests.support.fleet import Fleet, fleet, takeovers, texts
from tests.support.recordings import Recording

pytestmark = pytest.mark.timeout(180)

# The last line once more: a person who meets a gap may have said it to nobody.
LINES = ("no, another day", "thursday", "yes, that is right", "yes, that is right")
TAKEOVER_LIMIT_S = 2.0


def visited(log: list[RunEvent]) -> list[Any]:
    return [event.data["to"] for event in log if event.type is EventType.NODE]


def assert_whole(log: list[RunEvent], *earlier: list[RunEvent]) -> None:
    """Check that nothing is missing of what had been acknowledged, and nothing in between."""
    for acknowledged in earlier:
        assert log[: len(acknowledged)] == acknowledged
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [event.type for event in log].count(EventType.END) == 1


def assert_rescheduled_once(run: Run, log: list[RunEvent]) -> None:
    """Check that the call went through its nodes as an undisturbed one, and nobody's line stands there twice."""
    assert (run.status, run.disposition) == (RunStatus.COMPLETED, "rescheduled")
    assert run.gathered_context["day"] == "Thursday"
    assert visited(log) == ["greet", "which_day", "confirm_day", "rescheduled"]
    lines = Counter((segment.speaker, segment.text) for segment in transcript(log))
    assert [line for line, times in lines.items() if times > 1] == []
    assert sum(lines.values()) >= 8


def assert_recorded(town: Fleet, run: Run, log: list[RunEvent]) -> None:
    """Check that the recording is as long as the call, with the words of its last part where the transcript has them.

    Of the parts before, up to ten seconds each are lost with their processes.
    """
    assert run.usage is not None
    assert run.recording_key is not None
    recording = Recording.read(town.services.media.get(run.recording_key))
    assert recording.duration_ms / 1000 == pytest.approx(run.usage["call_duration_seconds"], abs=0.7)
    began_ms = (takeovers(log)[-1].at - log[0].at).total_seconds() * 1000
    last_words = [segment for segment in transcript(log) if segment.start_ms > began_ms]
    assert len(last_words) > 1
    for segment in last_words:
        track = recording.caller if segment.speaker == "caller" else recording.agent
        voiced = track.voiced_ms(segment.start_ms - 200, segment.end_ms + 200)
        assert len(voiced) * 20 > (segment.end_ms - segment.start_ms) / 2


async def kill_and_take_over(town: Fleet, run_id: int) -> list[RunEvent]:
    """Kill the streamer; wait until the next one has the call; return the log as it was at the kill."""
    before = await town.log(run_id)
    count = len(takeovers(before))
    town.next_streamer_after(signal.SIGKILL)
    acknowledged = await town.log(run_id)
    await town.until(run_id, lambda log: len(takeovers(log)) > count)
    return acknowledged


async def test_a_call_survives_the_death_of_its_process_three_times(
    storage_settings: Settings,
    media: S3Media,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    async with fleet(storage_settings, media, tmp_path, *LINES, streamers=4) as town:
        run_id = await town.call()
        await town.until(run_id, lambda log: len(texts(log, "caller")) == 1)
        first = await kill_and_take_over(town, run_id)
        await town.until(run_id, lambda log: len(texts(log, "caller")) == 2)
        second = await kill_and_take_over(town, run_id)
        # In the middle of the agent's question.
        await town.until(run_id, lambda log: log[-1].type is EventType.TRANSCRIPT)
        third = await kill_and_take_over(town, run_id)
        run = await town.until_over(run_id)
        log = await town.log(run_id)
        assert_recorded(town, run, log)
    assert_whole(log, first, second, third)
    assert_rescheduled_once(run, log)
    taken = takeovers(log)
    assert [event.data["epoch"] for event in taken] == [1, 2, 3, 4]
    waits_s = [
        (event.at - asked).total_seconds() for event, asked in zip(taken[1:], town.redirects.at, strict=True)
    ]
    record_property("takeovers after the Redirect, in seconds", waits_s)
    assert max(waits_s) < TAKEOVER_LIMIT_S


async def test_a_frozen_process_that_wakes_after_the_takeover_does_nothing_more(
    storage_settings: Settings, media: S3Media, tmp_path: Path
) -> None:
    async with fleet(storage_settings, media, tmp_path, *LINES, streamers=2) as town:
        run_id = await town.call()
        await town.until(run_id, lambda log: len(texts(log, "caller")) == 1)
        town.next_streamer_after(signal.SIGSTOP)
        before = await town.log(run_id)
        await town.let_lease_expire(run_id)
        await town.reap()
        taken = await town.until(run_id, lambda log: len(takeovers(log)) == 3)
        town.wake(0)
        run = await town.until_over(run_id)
        log = await town.log(run_id)
        assert_recorded(town, run, log)
        # What it would still write, it would write within moments: it ends in order, with nothing to wait for.
        assert await town.stop(0) == 0
        assert await town.log(run_id) == log
        assert await town.run(run_id) == run
        assert town.segments(run) == []
    assert_whole(log, before, taken)
    assert_rescheduled_once(run, log)
    assert [event.data["epoch"] for event in takeovers(log)] == [1, 2, 3]
    owners = [str(event.data["owner"]) for event in takeovers(log)]
    assert owners[1].startswith("reaper-")
    assert len(set(owners)) == 3
