"""Runs that a killed install has left live, settled from their logs at its next start."""

import json
from collections.abc import Iterable
from datetime import timedelta

from local.settle_orphans import OrphanSettler
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.json_types import JsonValue
from offhook.runs.aftercall import recording_key, segment_key, transcript_key
from offhook.runs.events import EventType, RunEvent
from offhook.runs.model import Run, RunStatus
from offhook.runs.prices import built_in_prices
from tests.support.makers import NOON, make_event, make_run

LATER = NOON + timedelta(minutes=5)


def left_live(store: Store, organization_id: str, status: RunStatus, log: Iterable[RunEvent] = ()) -> Run:
    """Store a run that a process owned when it was killed."""
    run = make_run(organization_id)
    store.runs.create(run)
    run = store.runs.take_over(run, "streamer-1", NOON)
    for event in log:
        store.events.append(run.id, [event])
    return run if status is RunStatus.QUEUED else store.runs.advance(run, status)


def settle(store: Store, media: S3Media, organization_id: str) -> None:
    settler = OrphanSettler(
        runs=store.runs, log=store.events, media=media, prices=built_in_prices(), clock=lambda: LATER
    )
    settler.settle(organization_id)


def test_a_call_without_an_end_failed_and_keeps_its_words_and_its_audio(
    store: Store, media: S3Media, organization_id: str
) -> None:
    words: dict[str, JsonValue] = {
        "segment_id": "a",
        "speaker": "caller",
        "text": "Yes.",
        "start_ms": 0,
        "end_ms": 9,
        "turn": 1,
    }
    log = [
        make_event(1, EventType.STATUS, status="in_progress"),
        make_event(2, EventType.TRANSCRIPT, NOON + timedelta(seconds=3), **words),
    ]
    run = left_live(store, organization_id, RunStatus.IN_PROGRESS, log)
    media.put(segment_key(run, 1, 0), b"\x01\x02" * 80, "audio/basic")
    settle(store, media, organization_id)
    final = store.runs.get(organization_id, run.id)
    assert (final.status, final.disposition, final.end_reason) == (
        RunStatus.FAILED,
        "error",
        "system_restarted",
    )
    assert final.usage is not None
    assert final.usage["call_duration_seconds"] == 3
    assert (final.recording_key, final.transcript_key) == (recording_key(run), transcript_key(run))
    (segment,) = json.loads(media.get(transcript_key(run)))["segments"]
    assert segment["text"] == "Yes."
    told = list(store.events.read(run.id))
    assert told[:2] == log
    assert [event.type for event in told[2:]] == [EventType.TAKEOVER, EventType.ERROR, EventType.END]


def test_a_call_whose_log_has_its_end_ended_so(store: Store, media: S3Media, organization_id: str) -> None:
    end = make_event(1, EventType.END, reason="user_hangup", disposition="user_hangup", duration_ms=900)
    run = left_live(store, organization_id, RunStatus.IN_PROGRESS, [end])
    settle(store, media, organization_id)
    final = store.runs.get(organization_id, run.id)
    assert (final.status, final.disposition, final.error) == (RunStatus.COMPLETED, "user_hangup", None)
    assert list(store.events.read(run.id)) == [end]


def test_every_live_run_is_settled_once(store: Store, media: S3Media, organization_id: str) -> None:
    live = [left_live(store, organization_id, status) for status in RunStatus if not status.is_final]
    settle(store, media, organization_id)
    rows = [store.runs.get(organization_id, run.id) for run in live]
    assert [row.status for row in rows] == [RunStatus.FAILED] * 4
    settle(store, media, organization_id)
    assert [store.runs.get(organization_id, run.id) for run in live] == rows
