"""The reaper: what is lost on a run's way is made up for at the next tick, and nothing else is touched."""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.reaper.app import create_handler
from functions.reaper.services import make_services as make_reaper
from offhook.adapters.s3.media import S3Media
from offhook.clock import system_clock
from offhook.errors import NotFoundError, StorageError
from offhook.ids import new_run_id
from offhook.organizations.audit import AuditAction
from offhook.runs.carrier.hangup import CarrierCalls
from offhook.runs.ending.media import media_prefix
from offhook.runs.model import (
    Delivery,
    DeliveryStatus,
    Run,
    RunStatus,
    RunTelephony,
    RunTransfer,
    TransferStatus,
)
from offhook.runs.reaping.reaper import OLD_DAYS, RECENT_DAYS, Reaper
from tests.support.aws import client_of
from tests.support.backstage import CONTEXT, Backstage, HandSetClock
from tests.support.carrier import Answer, Silence
from tests.support.dynamodb_requests import requests
from tests.support.lambda_context import Context
from tests.support.makers import make_event, make_run
from tests.support.reaping import ASK, HANG_UP, add_call, add_line, asked, live, owed, renew, tick

# --- places of runs that are not there, or over ---


def test_a_place_without_a_run_is_given_back_after_two_minutes(stage: Backstage) -> None:
    run = make_run(stage.organization_id, id=new_run_id(stage.clock()))
    stage.store.ledgers.admit(stage.admission(run), stage.clock())
    tick(stage, minutes=1, seconds=59)
    assert live(stage) == {run.id}
    tick(stage, seconds=2)
    assert live(stage) == frozenset()


def test_the_other_leg_of_a_transfer_keeps_its_place_while_the_transfer_lasts(stage: Backstage) -> None:
    call = add_call(stage)
    leg = make_run(stage.organization_id, id=new_run_id(stage.clock()))
    stage.store.ledgers.admit(stage.admission(leg), stage.clock())
    transfer = RunTransfer(number=1, status=TransferStatus.STARTED, place_id=leg.id)
    assert call.ownership is not None
    stage.store.runs.begin_transfer(call.id, call.ownership, transfer)
    for _ in range(4):
        stage.clock.move(minutes=1)
        renew(stage, call)
        tick(stage)
    assert live(stage) == {call.id, leg.id}
    # Whoever held it was lost before the place could be left.
    assert stage.store.runs.note_transfer(call.id, 1, TransferStatus.FAILED, "busy")
    tick(stage)
    assert live(stage) == {call.id}


def test_a_walk_that_takes_minutes_does_not_take_the_place_of_a_run_that_was_stored_meanwhile(
    stage: Backstage,
) -> None:
    stage.add_run(telephony=RunTelephony(call_id="sess-0f3b"))
    stage.clock.move(minutes=4)
    new = make_run(stage.organization_id, id=new_run_id(stage.clock()), status=RunStatus.RINGING)
    stage.store.ledgers.admit(stage.admission(new), stage.clock())

    def take_long(_: Run) -> bool:
        stage.store.runs.create(new)
        stage.clock.move(minutes=3)
        return False

    reaper = make_reaper(stage.ports)
    calls = cast(CarrierCalls, SimpleNamespace(is_live=take_long))
    replace(reaper, reattacher=replace(reaper.reattacher, calls=calls)).tick()
    assert live(stage) == {new.id}


def test_a_finished_run_that_still_holds_its_place_is_followed_up(stage: Backstage) -> None:
    run = stage.add_run(callback=Delivery(url="https://example.com/hook"))
    stage.store.runs.advance(run, RunStatus.BUSY)
    tick(stage)
    assert live(stage) == frozenset()
    assert owed(stage) == {run.id}
    assert stage.aftercalls.sent == [(run.id, 10)]


# --- calls that nobody answers ---


@pytest.mark.parametrize("status", [RunStatus.DIALING, RunStatus.RINGING])
def test_a_call_that_nobody_answers_is_given_up_after_three_minutes(
    stage: Backstage, status: RunStatus
) -> None:
    run = stage.add_run(status)
    tick(stage, minutes=2, seconds=59)
    assert stage.stored(run).status is status
    tick(stage, seconds=2)
    ended = stage.stored(run)
    assert (ended.status, ended.disposition, ended.end_reason) == (
        RunStatus.NO_ANSWER,
        "no_answer",
        "never_answered",
    )
    assert ended.ended_at == stage.clock()
    assert live(stage) == frozenset()


def test_the_minutes_of_a_queued_run_count_from_its_dial(stage: Backstage) -> None:
    run = stage.add_run(RunStatus.QUEUED)
    stage.clock.move(minutes=30)
    stage.store.ledgers.admit(stage.admission(run), stage.clock())
    stage.store.runs.advance(run, RunStatus.DIALING)
    tick(stage, minutes=2)
    assert stage.stored(run).status is RunStatus.DIALING
    tick(stage, minutes=2)
    assert stage.stored(run).status is RunStatus.NO_ANSWER


def test_the_phone_of_a_call_that_is_gone_is_not_told_to_stop_ringing(stage: Backstage) -> None:
    run = stage.add_run(telephony=add_line(stage))
    stage.carrier.answer = Answer(status=404)
    tick(stage, minutes=4)
    assert asked(stage) == [ASK]
    assert stage.stored(run).status is RunStatus.NO_ANSWER


@pytest.mark.parametrize("answer", [Answer(status=401), Answer(status=500), Silence.DROPPED])
def test_where_the_carrier_does_not_say_it_is_told_to_stop_ringing_and_the_run_ends(
    stage: Backstage, answer: Answer | Silence
) -> None:
    run = stage.add_run(telephony=add_line(stage))
    stage.carrier.answer = answer
    tick(stage, minutes=4)
    assert asked(stage) == [ASK, HANG_UP]
    assert stage.stored(run).status is RunStatus.NO_ANSWER


def test_a_call_that_goes_on_after_all_that_time_was_answered_and_never_came_to_us(stage: Backstage) -> None:
    run = stage.add_run(RunStatus.RINGING, telephony=add_line(stage))
    tick(stage, minutes=4)
    assert asked(stage) == [ASK, HANG_UP]
    final = stage.stored(run)
    assert (final.status, final.disposition, final.end_reason) == (RunStatus.FAILED, "error", "system_error")
    assert live(stage) == frozenset()


# --- messages that were lost ---


def test_a_queued_run_is_brought_to_the_dialer_again_now_and_then(stage: Backstage) -> None:
    run = stage.add_run(RunStatus.QUEUED)
    stage.clock.move(seconds=30)
    for _ in range(12):
        tick(stage, minutes=1)
    # Twice after two minutes, since a tick may be late, and once so far ten minutes later.
    assert stage.dials.sent == [(run.id, 0)] * 3


def test_the_waiting_of_a_scheduled_run_counts_from_its_instant(stage: Backstage) -> None:
    run = stage.add_run(RunStatus.QUEUED, scheduled_at=stage.clock() + timedelta(minutes=30))
    for _ in range(32):
        tick(stage, minutes=1)
    assert stage.dials.sent == []
    tick(stage, minutes=1)
    assert stage.dials.sent == [(run.id, 0)]


def test_a_callback_without_progress_is_brought_to_the_aftercall_function_again(stage: Backstage) -> None:
    run = stage.add_finished_run(callback=Delivery(url="https://example.com/hook"))
    stage.aftercalls.sent.clear()
    tick(stage, minutes=19)
    assert stage.aftercalls.sent == []
    tick(stage, minutes=2)
    assert stage.aftercalls.sent == [(run.id, 0)]
    tick(stage, minutes=5)
    assert stage.aftercalls.sent == [(run.id, 0)]
    attempt = Delivery(url="https://example.com/hook", attempts=1, last_attempt_at=stage.clock())
    stage.store.runs.note_delivery(run, attempt)
    tick(stage, minutes=19)
    assert stage.aftercalls.sent == [(run.id, 0)]


def test_a_callback_that_is_done_with_is_owed_no_more(stage: Backstage) -> None:
    run = stage.add_finished_run(callback=Delivery(url="https://example.com/hook"))
    stage.store.runs.note_delivery(
        run, Delivery(url="https://example.com/hook", status=DeliveryStatus.DELIVERED, attempts=1)
    )
    assert owed(stage) == {run.id}
    tick(stage)
    assert owed(stage) == frozenset()


# --- retention ---


def test_a_run_is_deleted_when_its_retention_is_over_and_not_before(stage: Backstage) -> None:
    run = stage.add_finished_run(retention_days=2)
    kept = stage.add_finished_run()
    stage.ports.media.put(f"{media_prefix(run)}transcript-00000.json", b"{}", "application/json")
    for each in (run, kept):
        stage.store.events.append(each.id, [make_event(1)])
    tick(stage, days=1, hours=23)
    assert stage.stored(run) == run
    tick(stage, hours=2)
    with pytest.raises(NotFoundError):
        stage.stored(run)
    assert stage.ports.media.keys(media_prefix(run)) == []
    assert list(stage.store.events.read(run.id)) == []
    assert stage.stored(kept) == kept
    assert len(list(stage.store.events.read(kept.id))) == 1
    (entry,) = stage.store.audit.newest(stage.organization_id, limit=10)
    assert (entry.action, entry.subject, entry.key_id) == (AuditAction.RUN_EXPIRED, str(run.id), None)


def test_what_expired_while_the_reaper_was_away_for_days_is_deleted(stage: Backstage) -> None:
    run = stage.add_finished_run(retention_days=1)
    tick(stage, days=7)
    with pytest.raises(NotFoundError):
        stage.stored(run)


def test_what_expired_while_nobody_ran_for_months_is_deleted_within_hours(stage: Backstage) -> None:
    run = stage.add_finished_run(retention_days=1)
    expired_on = (run.ended_at or run.created_at).date() + timedelta(days=1)
    stage.clock.move(days=100)

    def looks_at() -> date:
        old = RECENT_DAYS + 1 + int(stage.clock().timestamp() // 60) % OLD_DAYS
        return (stage.clock() - timedelta(days=old)).date()

    began = stage.clock()
    while looks_at() != expired_on:
        stage.clock.move(minutes=1)
    assert stage.clock() - began < timedelta(hours=7)
    tick(stage)
    with pytest.raises(NotFoundError):
        stage.stored(run)


def test_runs_that_cant_be_deleted_keep_no_others(stage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offhook.runs.reaping.reaper.EXPIRED_AT_ONCE", 2)
    *stuck, other = (stage.add_finished_run(retention_days=1) for _ in range(3))
    stage.clock.move(days=2)
    for _ in range(2):
        stage.clock.move(minutes=1)
        create_handler(unreadable(stage, *stuck))({}, CONTEXT)
    assert [stage.stored(run) for run in stuck] == stuck
    # However often they are tried, each is told of once.
    assert len(stage.store.audit.newest(stage.organization_id, limit=10)) == 3
    with pytest.raises(NotFoundError):
        stage.stored(other)


def test_a_run_that_cant_be_read_keeps_no_others(
    stage: Backstage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offhook.runs.reaping.reaper.EXPIRED_AT_ONCE", 2)
    *strange, first, last = (stage.add_finished_run(retention_days=1) for _ in range(4))
    for run in strange:
        client_of("dynamodb").update_item(
            TableName=stage.settings.runs_table,
            Key={"pk": {"S": f"RUN#{run.id}"}, "sk": {"S": "RUN"}},
            UpdateExpression="SET #listed.#status = :newer",
            ExpressionAttributeNames={"#listed": "listed", "#status": "status"},
            ExpressionAttributeValues={":newer": {"S": "of-a-newer-version"}},
        )
    stage.clock.move(days=2)
    # Told at the end, for the alarm.
    with pytest.raises(ValueError, match="of-a-newer-version"):
        create_handler(stage.reaper)({}, CONTEXT)
    for run in (first, last):
        with pytest.raises(NotFoundError):
            stage.stored(run)
    told = [record.__dict__["run_id"] for record in caplog.records if record.message == "not pushed"]
    assert sorted(told) == sorted(run.id for run in strange)


def test_a_tick_that_has_much_to_delete_is_over_before_the_next_one(stage: Backstage) -> None:
    _, second = (stage.add_finished_run(retention_days=1) for _ in range(2))
    stage.clock.move(days=2)
    create_handler(with_bucket(stage, Slow(bucket_of(stage), stage.clock)))({}, CONTEXT)
    assert stage.stored(second) == second
    tick(stage)
    with pytest.raises(NotFoundError):
        stage.stored(second)


# --- all of it ---


class Unreadable(S3Media):
    """A bucket in which the audio of some runs can't be listed."""

    def __init__(self, media: S3Media, runs: Sequence[Run], error: Exception) -> None:
        super().__init__(media._bucket)
        self._prefixes = tuple(media_prefix(run) for run in runs)
        self._error = error

    def keys(self, prefix: str) -> list[str]:
        if prefix.startswith(self._prefixes):
            raise self._error
        return super().keys(prefix)


class Slow(S3Media):
    """A bucket that lists the audio of a run for most of a tick."""

    def __init__(self, media: S3Media, clock: HandSetClock) -> None:
        super().__init__(media._bucket)
        self._clock = clock

    def keys(self, prefix: str) -> list[str]:
        self._clock.move(seconds=45)
        return super().keys(prefix)


def with_bucket(stage: Backstage, bucket: S3Media) -> Reaper:
    return replace(stage.reaper, remover=replace(stage.reaper.remover, media=bucket))


def unreadable(stage: Backstage, *runs: Run, error: Exception | None = None) -> Reaper:
    error = error or StorageError("S3 did not answer in time.")
    return with_bucket(stage, Unreadable(bucket_of(stage), runs, error))


def bucket_of(stage: Backstage) -> S3Media:
    assert isinstance(stage.ports.media, S3Media)
    return stage.ports.media


def test_a_run_that_fails_is_told_in_the_log_and_holds_nobody_up(
    stage: Backstage, caplog: pytest.LogCaptureFixture
) -> None:
    expired, other = (stage.add_finished_run(retention_days=1) for _ in range(2))
    stage.clock.move(days=2)
    create_handler(unreadable(stage, expired))({}, CONTEXT)
    assert stage.stored(expired) == expired
    with pytest.raises(NotFoundError):
        stage.stored(other)
    (record,) = [record for record in caplog.records if record.message == "run not pushed"]
    fields: dict[str, Any] = record.__dict__
    assert (fields["run_id"], fields["code"]) == (expired.id, "storage-unavailable")


def test_an_error_that_nobody_expected_holds_nobody_up_and_fails_the_tick_in_the_end(
    stage: Backstage,
) -> None:
    expired, other = (stage.add_finished_run(retention_days=1) for _ in range(2))
    stage.clock.move(days=2)
    with pytest.raises(RecursionError):
        create_handler(unreadable(stage, expired, error=RecursionError()))({}, CONTEXT)
    assert stage.stored(expired) == expired
    with pytest.raises(NotFoundError):
        stage.stored(other)


def test_an_error_that_nobody_expected_is_raised_even_if_the_store_then_cuts_the_tick_short(
    stage: Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired = stage.add_finished_run(retention_days=1)
    stage.clock.move(days=2)
    first_page = stage.reaper.ender.runs.expired

    def first_page_alone(day: date, *, after: int, limit: int) -> Sequence[int]:
        if after:
            raise StorageError("DynamoDB did not answer in time.")
        return first_page(day, after=after, limit=limit)

    monkeypatch.setattr(stage.reaper.ender.runs, "expired", first_page_alone)
    with pytest.raises(RecursionError):
        create_handler(unreadable(stage, expired, error=RecursionError()))({}, CONTEXT)


def test_a_tick_costs_the_same_however_many_runs_are_over(stage: Backstage) -> None:
    stage.add_finished_run()
    with requests(stage.store) as few:
        tick(stage)
    for _ in range(20):
        stage.add_finished_run(retention_days=30)
    with requests(stage.store) as many:
        tick(stage)
    assert many == few
    assert "Scan" not in many


def test_the_function_starts_from_its_environment(stage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(stage.settings, public_base_url="https://voice.example.net", kms_key_id="some-key")
    for name, value in settings.to_env().items():
        monkeypatch.setenv(name, value)
    stage.clock.now = system_clock() - timedelta(hours=1)
    run = stage.add_run(RunStatus.RINGING)
    monkeypatch.delitem(sys.modules, "functions.reaper.handler", raising=False)
    function = importlib.import_module("functions.reaper.handler")
    assert function.handler({"detail-type": "Scheduled Event"}, Context()) == {}
    function.ports.close()
    assert stage.stored(run).status is RunStatus.NO_ANSWER
    assert live(stage) == frozenset()
