"""The reaper: what is lost on a run's way is made up for at the next tick, and nothing else is touched."""

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.reaper.app import create_handler
from functions.reaper.services import ReaperServices
from functions.reaper.services import make_services as make_reaper
from offhook.adapters.s3.media import S3Media
from offhook.clock import system_clock
from offhook.errors import NotFoundError, OwnershipLostError, StorageError
from offhook.ids import new_run_id
from offhook.json_types import JsonValue
from offhook.organizations.audit import AuditAction
from offhook.runs.carrier.hangup import CarrierCalls
from offhook.runs.ending.media import media_prefix, segment_key
from offhook.runs.model import (
    Callback,
    CallbackStatus,
    Run,
    RunStatus,
    RunTelephony,
    RunTransfer,
    TransferStatus,
)
from offhook.settings import Settings
from tests.support.backstage import CONTEXT, Backstage, backstage
from tests.support.carrier import Answer, Silence
from tests.support.cloudonix import add_cloudonix
from tests.support.dynamodb_requests import requests
from tests.support.makers import make_event, make_run
from tests.system.test_handlers import Context

LEASE_SECONDS = 15
WORDS: dict[str, JsonValue] = {
    "segment_id": "a",
    "speaker": "caller",
    "text": "Yes.",
    "start_ms": 0,
    "end_ms": 9,
    "turn": 1,
}


@pytest.fixture
def stage(storage_settings: Settings, media: S3Media, tmp_path: Path) -> Iterator[Backstage]:
    with backstage(storage_settings, media, tmp_path) as found:
        yield found


def tick(stage: Backstage, **later: float) -> None:
    """Let time pass, and call the reaper as its schedule does."""
    stage.clock.move(**later)
    assert create_handler(ReaperServices(reaper=stage.reaper))({}, CONTEXT) == {}


def add_call(stage: Backstage, *, clock_ahead_seconds: float = 0, **changes: Any) -> Run:
    """Make a run that a streamer with such a clock holds and talks in, and which the reaper has seen once."""
    run = stage.add_run(**changes)
    lease = timedelta(seconds=clock_ahead_seconds + LEASE_SECONDS)
    owned = stage.store.runs.take_over(run, "streamer-1", stage.clock() + lease)
    run = stage.store.runs.advance(owned, RunStatus.IN_PROGRESS)
    now = stage.clock()
    stage.store.events.append(run.id, [make_event(1, "status", now, status="in_progress")])
    said = make_event(2, "transcript", now + timedelta(seconds=3), **WORDS)
    stage.store.events.append(run.id, [said])
    stage.ports.media.put(segment_key(run, 1, 0), b"\x01\x02" * 80, "audio/basic")
    tick(stage)
    return run


def renew(stage: Backstage, run: Run, *, clock_ahead_seconds: float = 0) -> None:
    """Renew a lease as its owner with such a clock does."""
    lease = timedelta(seconds=clock_ahead_seconds + LEASE_SECONDS)
    assert run.ownership is not None
    stage.store.runs.renew(run.id, replace(run.ownership, lease_until=stage.clock() + lease))


def live(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).live


def owed(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).owed


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

    reaper = make_reaper(stage.ports).reaper
    replace(reaper, calls=cast(CarrierCalls, SimpleNamespace(is_live=take_long))).tick()
    assert live(stage) == {new.id}


def test_a_finished_run_that_still_holds_its_place_is_followed_up(stage: Backstage) -> None:
    run = stage.add_run(callback=Callback(url="https://example.com/hook"))
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


def add_line(stage: Backstage) -> RunTelephony:
    """Make a way to the carrier, and return a run's share in it."""
    configuration = add_cloudonix(
        stage.store.telephony,
        stage.ports.secret_box,
        stage.organization_id,
        domain="acme.cloudonix.net",
        bearer_token="XI-the-secret-of-the-carrier",
        now=stage.clock(),
    )
    return RunTelephony(configuration_id=configuration.id, call_id="sess-0f3b")


def asked(stage: Backstage) -> list[tuple[str, str]]:
    """Return what the carrier was asked, each time of the one call."""
    return [(each.method, each.path) for each in stage.carrier.asked]


SESSION = "/customers/self/domains/acme.cloudonix.net/sessions/sess-0f3b"
APPLICATION = "/calls/acme.cloudonix.net/sessions/sess-0f3b/application"
ASK, HANG_UP, SWITCH = ("GET", SESSION), ("DELETE", SESSION), ("POST", APPLICATION)


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


# --- calls whose streamer is gone ---


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
    anew = make_reaper(stage.ports).reaper
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
    assert stage.ports.media.keys(media_prefix(run)) == [final.recording_key, final.transcript_key]
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
    make_reaper(stage.ports).reaper.settler.settle_all()
    assert [stage.stored(run).status for run in (held, ringing, queued)] == [
        RunStatus.FAILED,
        RunStatus.FAILED,
        RunStatus.QUEUED,
    ]
    assert live(stage) == frozenset()


# --- calls whose streamer is gone, and which the carrier still has ---


@pytest.fixture
def call(stage: Backstage) -> Run:
    """Return a run whose streamer is lost, and with it the carrier's way back."""
    return add_call(stage, telephony=add_line(stage))


def takeovers(stage: Backstage, run: Run) -> int:
    return [entry.event.type for entry in stage.store.events.read(run.id)].count("takeover")


def test_a_call_that_the_carrier_still_has_is_switched_to_a_new_stream(stage: Backstage, call: Run) -> None:
    tick(stage, seconds=44)
    assert asked(stage) == []
    tick(stage, seconds=2)
    assert asked(stage) == [ASK, SWITCH]
    links, number = stage.ports.links, call.stream_number + 1
    document = stage.carrier.asked[1].body["cxml"]
    assert links.media_url(call.id, number) in document
    assert links.continue_url(call.id) in document
    saved = stage.stored(call)
    assert (saved.status, saved.stream_number) == (RunStatus.IN_PROGRESS, number)
    assert call.ownership is not None
    assert saved.ownership is not None
    assert saved.ownership.epoch == call.ownership.epoch + 1
    assert live(stage) == {call.id}


def test_the_process_that_was_thought_gone_can_write_nothing_more_once_its_call_is_switched(
    stage: Backstage, call: Run
) -> None:
    tick(stage, minutes=1)
    with pytest.raises(OwnershipLostError):
        stage.store.events.append(call.id, [make_event(3, "transcript", stage.clock(), **WORDS)])
    assert call.ownership is not None
    with pytest.raises(OwnershipLostError):
        stage.store.runs.renew(call.id, call.ownership)


def test_a_switched_call_that_nobody_takes_is_switched_three_times_and_then_given_up(
    stage: Backstage, call: Run
) -> None:
    tick(stage, minutes=1)
    tick(stage, seconds=44)
    assert asked(stage) == [ASK, SWITCH]
    tick(stage, seconds=2)
    tick(stage, seconds=61)
    assert asked(stage) == [ASK, SWITCH] * 3
    assert takeovers(stage, call) == 3
    tick(stage, seconds=61)
    assert asked(stage)[6:] == [ASK, HANG_UP]
    final = stage.stored(call)
    assert (final.status, final.end_reason) == (RunStatus.FAILED, "system_error")
    assert final.transcript_key is not None
    tick(stage, minutes=10)
    assert len(asked(stage)) == 8


def test_a_call_that_the_carrier_does_not_have_any_more_is_settled(stage: Backstage, call: Run) -> None:
    stage.carrier.answer = Answer(status=404)
    tick(stage, minutes=1)
    assert asked(stage) == [ASK]
    assert stage.stored(call).status is RunStatus.FAILED


def test_a_call_that_ends_just_before_its_switch_is_settled(stage: Backstage, call: Run) -> None:
    stage.carrier.answer_to = lambda each: Answer(status=404) if each.method == "POST" else None
    tick(stage, minutes=1)
    assert asked(stage) == [ASK, SWITCH]
    assert stage.stored(call).status is RunStatus.FAILED
    assert live(stage) == frozenset()


def test_a_call_of_credentials_that_its_caller_brought_along_is_settled(stage: Backstage) -> None:
    call = add_call(stage, telephony=RunTelephony(call_id="sess-0f3b"))
    tick(stage, minutes=1)
    assert asked(stage) == []
    assert stage.stored(call).status is RunStatus.FAILED


def test_a_carrier_that_does_not_accept_our_credentials_is_not_asked_again(
    stage: Backstage, call: Run
) -> None:
    stage.carrier.answer = Answer(status=401)
    tick(stage, minutes=1)
    assert asked(stage) == [ASK]
    assert stage.stored(call).status is RunStatus.FAILED


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(status=429), Silence.DROPPED])
def test_a_carrier_that_is_away_for_a_while_is_waited_for(
    stage: Backstage, call: Run, answer: Answer | Silence
) -> None:
    stage.carrier.answer = answer
    tick(stage, minutes=1)
    tick(stage, minutes=8)
    assert asked(stage) == [ASK, ASK]
    assert stage.stored(call) == call
    tick(stage, minutes=2)
    assert stage.stored(call).status is RunStatus.FAILED


def test_a_switch_of_which_nobody_knows_is_tried_again(stage: Backstage, call: Run) -> None:
    stage.carrier.answer_to = lambda each: Answer(status=502) if each.method == "POST" else None
    tick(stage, minutes=1)
    assert stage.stored(call).status is RunStatus.IN_PROGRESS
    tick(stage, seconds=61)
    assert asked(stage) == [ASK, SWITCH] * 2


def test_a_call_that_somebody_wanted_ended_is_ended(stage: Backstage, call: Run) -> None:
    stage.store.runs.request_hangup(call, stage.clock())
    tick(stage, minutes=1)
    assert asked(stage) == [ASK, HANG_UP]
    assert stage.stored(call).status.is_final


def test_a_call_whose_log_has_its_end_is_hung_up_and_settled(stage: Backstage, call: Run) -> None:
    end: dict[str, JsonValue] = {"reason": "agent_hangup", "disposition": "confirmed", "duration_ms": 900}
    stage.store.events.append(call.id, [make_event(3, "end", stage.clock(), **end)])
    tick(stage, minutes=1)
    assert asked(stage) == [ASK, HANG_UP]
    assert stage.stored(call).disposition == "confirmed"


@pytest.mark.parametrize(
    ("transfer", "expected"),
    [
        (RunTransfer(number=1, status=TransferStatus.STARTED), [ASK]),
        (RunTransfer(number=1, status=TransferStatus.JOINED, call_id="sess-2"), [ASK]),
        # The other person of a warm transfer is being called; the caller waits with us.
        (RunTransfer(number=1, status=TransferStatus.STARTED, call_id="sess-2"), [ASK, SWITCH]),
        (RunTransfer(number=1, status=TransferStatus.FAILED), [ASK, SWITCH]),
    ],
)
def test_a_caller_who_talks_to_somebody_else_is_not_fetched_back(
    stage: Backstage, call: Run, transfer: RunTransfer, expected: list[tuple[str, str]]
) -> None:
    assert call.ownership is not None
    stage.store.runs.begin_transfer(call.id, call.ownership, transfer)
    tick(stage, minutes=1)
    assert asked(stage) == expected
    assert stage.stored(call).status is RunStatus.IN_PROGRESS


def test_a_call_whose_streamer_wakes_while_the_reaper_looks_is_left_to_it(
    stage: Backstage, call: Run
) -> None:
    seen_at = stage.clock()
    stage.clock.move(minutes=1)
    renew(stage, call)
    assert stage.reaper.reattacher.reattach(call, seen_at) is None
    assert asked(stage) == []


# --- messages that were lost ---


def test_a_queued_run_is_brought_to_the_dialer_again_now_and_then(stage: Backstage) -> None:
    run = stage.add_run(RunStatus.QUEUED)
    stage.clock.move(seconds=30)
    for _ in range(12):
        tick(stage, minutes=1)
    # Twice after two minutes, since a tick may be late, and once so far ten minutes later.
    assert stage.dials.sent == [(run.id, 0)] * 3


def test_a_callback_without_progress_is_brought_to_the_aftercall_function_again(stage: Backstage) -> None:
    run = stage.add_finished_run(callback=Callback(url="https://example.com/hook"))
    stage.aftercalls.sent.clear()
    tick(stage, minutes=19)
    assert stage.aftercalls.sent == []
    tick(stage, minutes=2)
    assert stage.aftercalls.sent == [(run.id, 0)]
    tick(stage, minutes=5)
    assert stage.aftercalls.sent == [(run.id, 0)]
    attempt = Callback(url="https://example.com/hook", attempts=1, last_attempt_at=stage.clock())
    stage.store.runs.note_callback(run, attempt)
    tick(stage, minutes=19)
    assert stage.aftercalls.sent == [(run.id, 0)]


def test_a_callback_that_is_done_with_is_owed_no_more(stage: Backstage) -> None:
    run = stage.add_finished_run(callback=Callback(url="https://example.com/hook"))
    stage.store.runs.note_callback(
        run, Callback(url="https://example.com/hook", status=CallbackStatus.DELIVERED, attempts=1)
    )
    assert owed(stage) == {run.id}
    tick(stage)
    assert owed(stage) == frozenset()


# --- retention ---


def test_a_run_is_deleted_when_its_retention_is_over_and_not_before(stage: Backstage) -> None:
    run = stage.add_finished_run(retention_days=2)
    kept = stage.add_finished_run()
    stage.ports.media.put(f"{media_prefix(run)}transcript-00000.json", b"{}", "application/json")
    tick(stage, days=1, hours=23)
    assert stage.stored(run) == run
    tick(stage, hours=2)
    with pytest.raises(NotFoundError):
        stage.stored(run)
    assert stage.ports.media.keys(media_prefix(run)) == []
    assert stage.stored(kept) == kept
    (entry,) = stage.store.audit.newest(stage.organization_id, limit=10)
    assert (entry.action, entry.subject, entry.key_id) == (AuditAction.RUN_EXPIRED, str(run.id), None)


def test_what_expired_while_the_reaper_was_away_for_days_is_deleted(stage: Backstage) -> None:
    run = stage.add_finished_run(retention_days=1)
    tick(stage, days=7)
    with pytest.raises(NotFoundError):
        stage.stored(run)


# --- all of it ---


class Unreadable(S3Media):
    """A bucket in which the audio of one run can't be listed."""

    def __init__(self, media: S3Media, run: Run) -> None:
        super().__init__(media._bucket)
        self._prefix = media_prefix(run)

    def keys(self, prefix: str) -> list[str]:
        if prefix.startswith(self._prefix):
            raise StorageError("S3 did not answer in time.")
        return super().keys(prefix)


def test_a_run_that_fails_is_told_in_the_log_and_holds_nobody_up(
    stage: Backstage, caplog: pytest.LogCaptureFixture
) -> None:
    expired, other = (stage.add_finished_run(retention_days=1) for _ in range(2))
    media = stage.ports.media
    assert isinstance(media, S3Media)
    remover = replace(stage.reaper.remover, media=Unreadable(media, expired))
    reaper = replace(stage.reaper, remover=remover)
    stage.clock.move(days=2)
    create_handler(ReaperServices(reaper=reaper))({}, CONTEXT)
    assert stage.stored(expired) == expired
    with pytest.raises(NotFoundError):
        stage.stored(other)
    (record,) = [record for record in caplog.records if record.message == "run not pushed"]
    fields: dict[str, Any] = record.__dict__
    assert (fields["run_id"], fields["code"]) == (expired.id, "storage-unavailable")


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
