"""Calls that survive their process: killed, frozen, or gone together with the carrier's way back."""

import logging
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from local.people.caller import CallerEventKind
from offhook.adapters.s3.media import S3Media
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import NodeEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import Run, RunStatus
from offhook.settings import Settings
from streamer.sockets.close_codes import CloseCode
from tests.support.fleet import Fleet, fleet, takeovers
from tests.support.phone import STARTED
from tests.support.recordings import Recording

logger = logging.getLogger(__name__)

pytestmark = pytest.mark.timeout(180)

# Whoever hears the other one break off waits for what comes next.
GAP = "silence"
TAKEOVER_LIMIT_S = 2.0
SECOND_BYTES = 8000


def visited(log: list[LogEntry]) -> list[Any]:
    return [event.data["to"] for event in log if isinstance(event.event, NodeEvent)]


def assert_whole(log: list[LogEntry], *earlier: list[LogEntry]) -> None:
    """Check that nothing is missing of what had been acknowledged, and nothing in between."""
    for acknowledged in earlier:
        assert log[: len(acknowledged)] == acknowledged
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [entry.event.type for entry in log].count("end") == 1


def assert_rescheduled_once(run: Run, log: list[LogEntry]) -> None:
    """Check that the call went through its nodes as an undisturbed one, and nobody's line stands there twice."""
    assert (run.status, run.disposition) == (RunStatus.COMPLETED, "rescheduled")
    assert run.gathered_context["day"] == "Thursday"
    assert visited(log) == ["greet", "which_day", "confirm_day", "rescheduled"]
    lines = Counter((segment.speaker, segment.text) for segment in transcript(log))
    assert [line for line, times in lines.items() if times > 1] == []
    assert sum(lines.values()) >= 8


def assert_recorded(town: Fleet, run: Run, log: list[LogEntry]) -> None:
    """Check that the recording is as long as the call, with the words of its last part where the transcript has them.

    Of the parts before, up to ten seconds each are lost with their processes.
    """
    assert run.usage is not None
    assert run.recording_key is not None
    recording = Recording.read(town.ports.media.get(run.recording_key))
    assert recording.duration_ms / 1000 == pytest.approx(run.usage["call_duration_seconds"], abs=0.7)
    began_ms = (takeovers(log)[-1].at - log[0].at).total_seconds() * 1000
    last_words = [segment for segment in transcript(log) if segment.start_ms > began_ms]
    assert len(last_words) > 1
    for segment in last_words:
        track = recording.caller if segment.speaker == "caller" else recording.agent
        voiced = track.voiced_ms(segment.start_ms - 200, segment.end_ms + 200)
        assert len(voiced) * 20 > (segment.end_ms - segment.start_ms) / 2


async def kill_in_turn(town: Fleet, run_id: int, turn: int) -> list[LogEntry]:
    """Kill the streamer while the agent speaks; return the log as it is when the person has noticed."""
    await town.until_spoken_to(run_id, turn)
    town.redirects.may_pass.clear()
    town.next_streamer_after(signal.SIGKILL)
    await town.until_person(CallerEventKind.AGENT_ENDS, turn)
    acknowledged = await town.log(run_id)
    town.redirects.may_pass.set()
    return acknowledged


async def test_a_call_survives_the_death_of_its_process_three_times(
    storage_settings: Settings, media: S3Media, tmp_path: Path
) -> None:
    lines = ("no, another day", GAP, "thursday", GAP, GAP, "yes, that is right")
    async with fleet(storage_settings, media, tmp_path, *lines, streamers=4) as town:
        run_id = await town.call()
        # The greeting is the first turn; the question for the day the second, and after the kill the third; and so on.
        first = await kill_in_turn(town, run_id, 2)
        second = await kill_in_turn(town, run_id, 4)
        third = await kill_in_turn(town, run_id, 5)
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
    logger.info("takeovers came %s seconds after the Redirect", waits_s)
    assert max(waits_s) < TAKEOVER_LIMIT_S


@pytest.mark.long
async def test_a_caller_for_whom_there_is_no_place_waits_for_one_and_uses_up_no_stream(
    storage_settings: Settings, media: S3Media, tmp_path: Path
) -> None:
    lines = ("no, another day", "thursday", "yes, that is right")
    async with fleet(storage_settings, media, tmp_path, *lines, streamers=1, max_calls=1) as town:
        run = await town.add_run()
        async with town.phone(run, 0) as former:
            await former.start(STARTED)
            await former.wait_until(lambda: len(former.audio) > SECOND_BYTES)
            run_id = await town.call()
            await town.until_redirected(2)
            waiting = await town.run(run_id)
            assert (waiting.ownership, waiting.stream_number) == (None, 1)
            await former.hang_up()
        ended = await town.until_over(run_id)
        log = await town.log(run_id)
    assert_rescheduled_once(ended, log)
    assert_whole(log)
    assert (ended.stream_number, len(takeovers(log))) == (1, 1)


@pytest.mark.long
async def test_a_frozen_process_that_wakes_after_the_takeover_does_nothing_more(
    storage_settings: Settings, media: S3Media, tmp_path: Path
) -> None:
    lines = ("no, another day", GAP, "thursday", "yes, that is right")
    async with fleet(storage_settings, media, tmp_path, *lines, streamers=2) as town:
        run_id = await town.call()
        await town.until_spoken_to(run_id, 2)
        town.next_streamer_after(signal.SIGSTOP)
        await town.until_person(CallerEventKind.AGENT_ENDS, 2)
        before = await town.log(run_id)
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


async def test_a_frozen_process_whose_socket_still_stands_closes_it_when_it_wakes(
    storage_settings: Settings, media: S3Media, tmp_path: Path
) -> None:
    async with fleet(storage_settings, media, tmp_path, streamers=2) as town:
        run = await town.add_run()
        async with town.phone(run, 0) as former:
            await former.start(STARTED)
            await former.wait_until(lambda: len(former.audio) > 8000)
            town.next_streamer_after(signal.SIGSTOP)
            before = await town.log(run.id)
            begun = await town.begin_stream(run)
            async with town.phone(begun, 1) as later:
                await later.start(STARTED)
                # In real time: so long the former process has stood still.
                await later.wait_until(lambda: len(later.audio) > 2 * SECOND_BYTES)
                taken = await town.log(run.id)
                heard = len(former.audio)
                town.wake(0)
                assert await former.wait_closed() == CloseCode.TAKEN_OVER
                assert len(former.audio) == heard
                await later.hang_up()
            final = await town.until_over(run.id)
            log = await town.log(run.id)
        assert_whole(log, before, taken)
        assert len(takeovers(log)) == 2
        assert final.status is RunStatus.COMPLETED
        # Once it has stopped, it has cleaned up.
        assert await town.stop(1) == 0
        assert town.segments(final) == []
