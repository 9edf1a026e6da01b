"""Two reapers at the same time, as a schedule that overlaps itself makes them: each lost run is looked after once."""

import json
from collections import Counter
from dataclasses import replace

from functions.reaper.services import make_services as make_reaper
from offhook.runs.ending.media import media_prefix, peaks_key
from offhook.runs.model import Delivery, Run, RunStatus
from tests.support.backstage import Backstage
from tests.support.makers import make_event
from tests.support.races import race
from tests.support.reaping import add_call, add_line, live, takeovers

RUNS = 8


def tick_two(stage: Backstage, *seconds: int) -> None:
    """Have two reapers that know nothing of each other look at the same moments, each time both at once."""
    reapers = [make_reaper(stage.ports) for _ in range(2)]
    for wait in seconds:
        stage.clock.move(seconds=wait)
        assert race(*(reaper.tick for reaper in reapers)) == [None, None]


def asked_of(stage: Backstage, run: Run) -> Counter[str]:
    """Return how often the carrier was asked to do what to a run's call; looking may be repeated."""
    call = f"/{run.telephony.call_id}"
    methods = (each.method for each in stage.carrier.asked if call in each.path)
    return Counter(method for method in methods if method != "GET")


def lost_calls(stage: Backstage) -> list[Run]:
    line = add_line(stage)
    return [add_call(stage, telephony=replace(line, call_id=f"sess-{n}")) for n in range(RUNS)]


def test_two_reapers_switch_each_lost_call_once(stage: Backstage) -> None:
    runs = lost_calls(stage)
    tick_two(stage, 0, 60)
    assert [asked_of(stage, run) for run in runs] == [Counter(POST=1)] * RUNS
    assert [takeovers(stage, run) for run in runs] == [1] * RUNS
    assert {stage.stored(run).stream_number - run.stream_number for run in runs} == {1}


def test_two_reapers_hang_up_each_call_that_has_ended_and_settle_its_run_once(stage: Backstage) -> None:
    runs = lost_calls(stage)
    for run in runs:
        end = make_event(
            3, "end", stage.clock(), reason="user_hangup", disposition="user_hangup", duration_ms=9
        )
        stage.store.events.append(run.id, [end])
    tick_two(stage, 0, 60)
    assert [asked_of(stage, run) for run in runs] == [Counter(DELETE=1)] * RUNS
    assert {stage.stored(run).status for run in runs} == {RunStatus.COMPLETED}
    assert live(stage) == frozenset()


def test_two_reapers_settle_each_lost_run_once_with_one_callback_and_one_recording(stage: Backstage) -> None:
    runs = [add_call(stage, callback=Delivery(url="https://example.com/hook")) for _ in range(RUNS)]
    tick_two(stage, 0, 60, 60)
    assert Counter(run_id for run_id, _ in stage.aftercalls.sent) == Counter(run.id for run in runs)
    for run in runs:
        final = stage.stored(run)
        assert (final.status, final.end_reason) == (RunStatus.FAILED, "system_error")
        told = [entry.event.type for entry in stage.store.events.read(run.id)]
        assert told[2:] == ["takeover", "error", "end"]
        assert final.recording_key is not None
        assert final.transcript_key is not None
        kept = [peaks_key(final.recording_key), final.recording_key, final.transcript_key]
        assert stage.ports.media.keys(media_prefix(run)) == kept
        assert stage.ports.media.get(final.recording_key).endswith(b"\x01\x02" * 80)
        assert len(json.loads(stage.ports.media.get(final.transcript_key))["segments"]) == 1
    assert live(stage) == frozenset()


def test_two_reapers_give_up_each_call_that_nobody_answered_once(stage: Backstage) -> None:
    line = add_line(stage)
    runs = [stage.add_run(telephony=replace(line, call_id=f"sess-{n}")) for n in range(RUNS)]
    tick_two(stage, 240)
    assert [asked_of(stage, run) for run in runs] == [Counter(DELETE=1)] * RUNS
    assert all(stage.stored(run).status.is_final for run in runs)
    assert live(stage) == frozenset()
