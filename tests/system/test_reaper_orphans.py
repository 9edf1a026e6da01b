"""The reaper and calls whose streamer is gone: they are settled, once, and nobody who wakes can change that."""

import json
from dataclasses import replace

import pytest

from functions.reaper.services import make_services as make_reaper
from offhook.json_types import JsonValue
from offhook.runs.ending.media import media_prefix, peaks_key
from offhook.runs.model import (
    RunStatus,
)
from tests.support.backstage import Backstage
from tests.support.makers import make_event
from tests.support.reaping import ASK, SWITCH, add_call, add_line, asked, live, renew, takeovers, tick


@pytest.mark.parametrize("ahead", [0, -60, -3600, 3600])
def test_a_call_whose_lease_is_renewed_goes_on_whatever_its_hosts_clock_says(
    stage: Backstage, ahead: float
) -> None:
    run = add_call(stage, telephony=add_line(stage), clock_ahead_seconds=ahead)
    for _ in range(5):
        stage.clock.move(minutes=1)
        renew(stage, run, clock_ahead_seconds=ahead)
        tick(stage)
    assert asked(stage) == []
    assert takeovers(stage, run) == 0
    assert stage.stored(run).status is RunStatus.IN_PROGRESS


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_call_whose_streamer_is_gone_is_saved_whatever_its_hosts_clock_said(
    stage: Backstage, ahead: float
) -> None:
    run = add_call(stage, telephony=add_line(stage), clock_ahead_seconds=ahead)
    tick(stage, minutes=1)
    assert asked(stage) == [ASK, SWITCH]
    assert stage.stored(run).status is RunStatus.IN_PROGRESS


def test_a_reaper_that_starts_anew_looks_before_it_judges(stage: Backstage) -> None:
    run = add_call(stage, telephony=add_line(stage))
    stage.clock.move(minutes=5)
    anew = make_reaper(stage.ports)
    anew.tick()
    assert stage.stored(run) == run
    stage.clock.move(minutes=1)
    anew.tick()
    assert asked(stage) == [ASK, SWITCH]


def test_a_call_whose_streamer_is_gone_is_settled_from_its_log_with_words_and_audio(stage: Backstage) -> None:
    run = add_call(stage)
    tick(stage, seconds=44)
    assert stage.stored(run).status is RunStatus.IN_PROGRESS
    tick(stage, seconds=2)
    final = stage.stored(run)
    assert (final.status, final.disposition, final.end_reason) == (RunStatus.FAILED, "error", "system_error")
    assert final.error is not None
    assert final.error.code == "system-error"
    assert final.usage is not None
    assert final.usage["call_duration_seconds"] == 3
    assert final.recording_key is not None
    assert final.transcript_key is not None
    (segment,) = json.loads(stage.ports.media.get(final.transcript_key))["segments"]
    assert segment["text"] == "Yes."
    assert stage.ports.media.get(final.recording_key).endswith(b"\x01\x02" * 80)
    kept = [peaks_key(final.recording_key), final.recording_key, final.transcript_key]
    assert stage.ports.media.keys(media_prefix(run)) == kept
    told = [entry.event.type for entry in stage.store.events.read(run.id)]
    assert told[2:] == ["takeover", "error", "end"]
    assert live(stage) == frozenset()


def test_a_call_whose_log_has_its_end_ended_so(stage: Backstage) -> None:
    run = add_call(stage)
    end: dict[str, JsonValue] = {"reason": "user_hangup", "disposition": "user_hangup", "duration_ms": 900}
    stage.store.events.append(run.id, [make_event(3, "end", stage.clock(), **end)])
    tick(stage, minutes=1)
    final = stage.stored(run)
    assert (final.status, final.disposition, final.error) == (RunStatus.COMPLETED, "user_hangup", None)
    assert len(list(stage.store.events.read(run.id))) == 3


def test_a_call_that_nobody_owns_is_settled_after_two_minutes(stage: Backstage) -> None:
    run = stage.add_run()
    stage.store.runs.advance(run, RunStatus.IN_PROGRESS)
    tick(stage, minutes=1)
    assert stage.stored(run).status is RunStatus.IN_PROGRESS
    tick(stage, minutes=2)
    assert stage.stored(run).status is RunStatus.FAILED


def test_a_settled_run_is_settled_once(stage: Backstage) -> None:
    run = add_call(stage)
    tick(stage, minutes=1)
    final = stage.stored(run)
    tick(stage, minutes=1)
    assert stage.stored(run) == final


def test_the_streamer_that_was_thought_gone_can_do_nothing_more(stage: Backstage) -> None:
    run = add_call(stage)
    assert run.ownership is not None
    tick(stage, minutes=1)
    final = stage.stored(run)
    late = replace(run, status=RunStatus.COMPLETED, disposition="confirmed")
    with pytest.raises(Exception, match="Another process owns this run"):
        stage.ports.ender.finish(late, run.ownership)
    assert stage.stored(run) == final


def test_at_the_start_of_a_local_install_every_call_is_settled_at_once(stage: Backstage) -> None:
    held, ringing = add_call(stage), stage.add_run(RunStatus.RINGING)
    queued = stage.add_run(RunStatus.QUEUED)
    make_reaper(stage.ports).settler.settle_all()
    assert [stage.stored(run).status for run in (held, ringing, queued)] == [
        RunStatus.FAILED,
        RunStatus.FAILED,
        RunStatus.QUEUED,
    ]
    assert live(stage) == frozenset()
