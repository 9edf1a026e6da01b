"""RunRepository on DynamoDB."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, InvalidInputError, NotFoundError, OwnershipLostError
from offhook.runs.model import (
    Delivery,
    DeliveryStatus,
    Direction,
    Moment,
    Ownership,
    Review,
    ReviewStatus,
    Run,
    RunError,
    RunStatus,
    RunTelephony,
    RunTransfer,
    TransferStatus,
)
from offhook.runs.ports import RunFilter
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_run
from tests.support.races import race

LEASE_UNTIL = NOON + timedelta(seconds=15)
FINAL = [status for status in RunStatus if status.is_final]


def stored_run(store: Store, organization_id: str) -> Run:
    run = make_run(organization_id)
    store.runs.create(run)
    return run


def owned_run(store: Store, organization_id: str) -> tuple[Run, Ownership]:
    run = store.runs.take_over(stored_run(store, organization_id), "streamer-1", LEASE_UNTIL)
    assert run.ownership is not None
    return run, run.ownership


def test_a_run_comes_back_as_it_was_stored(store: Store, organization_id: str) -> None:
    run = make_run(
        organization_id,
        is_draft=True,
        direction=Direction.INBOUND,
        started_at=NOON,
        answered_at=NOON,
        ended_at=NOON + timedelta(minutes=1),
        disposition="confirmed",
        end_reason="agent",
        initial_context={
            "price": 0.1,
            "large": 2**60,
            "none": None,
            "deep": [{"a": [None, True, "é"]}],
            "": "",
        },
        gathered_context={"day": "Tuesday"},
        telephony=RunTelephony(
            configuration_id="c", caller_number="+15550001111", called_number="+15550002222", call_id="t"
        ),
        usage={"stt_seconds": 1.5},
        cost={"total_usd": 0.000001},
        latency={"p50_ms": None},
        error=RunError(code="engine-failed", message="It failed."),
        recording_key="r",
        transcript_key="t",
        stream_number=3,
        callback=Delivery(
            url="https://example.com/hook",
            status=DeliveryStatus.FAILED,
            attempts=2,
            last_attempt_at=NOON + timedelta(minutes=2),
        ),
        retention_days=30,
        hangup_requested_at=NOON,
        ownership=Ownership(owner="streamer-1", epoch=2, lease_until=LEASE_UNTIL),
    )
    store.runs.create(run)
    assert store.runs.get(organization_id, run.id) == run
    assert store.runs.get_for_carrier(run.id) == run


def test_an_id_is_taken_once(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    with pytest.raises(ConflictError):
        store.runs.create(replace(run, organization_id="thief"))
    assert store.runs.get(organization_id, run.id) == run


def test_another_organizations_run_is_not_found(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    with pytest.raises(NotFoundError):
        store.runs.get(f"not-{organization_id}", run.id)


def test_a_run_that_is_not_there_is_not_found_and_not_made(store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    with pytest.raises(NotFoundError):
        store.runs.get_for_carrier(run.id)
    with pytest.raises(NotFoundError):
        store.runs.advance(run, RunStatus.DIALING)
    with pytest.raises(NotFoundError):
        store.runs.set_call_id(run, "token")
    with pytest.raises(NotFoundError):
        store.runs.request_hangup(run, NOON)
    with pytest.raises(NotFoundError):
        store.runs.note_delivery(run, Delivery(url="https://example.com/hook"))
    with pytest.raises(NotFoundError):
        store.runs.begin_stream(run)
    with pytest.raises(NotFoundError):
        store.runs.take_over(run, "streamer-1", LEASE_UNTIL)
    with pytest.raises(NotFoundError):
        store.runs.get_for_carrier(run.id)


def test_a_context_too_large_to_be_stored_is_refused_in_words(store: Store, organization_id: str) -> None:
    huge = make_run(organization_id, initial_context={"text": "x" * 420_000})
    with pytest.raises(InvalidInputError, match="too large"):
        store.runs.create(huge)
    run, ownership = owned_run(store, organization_id)
    ended = replace(run, status=RunStatus.COMPLETED, gathered_context={"text": "x" * 420_000})
    with pytest.raises(InvalidInputError, match="too large"):
        store.runs.finish(ended, ownership)


def test_a_run_advances_and_notes_when(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    dialing = store.runs.advance(run, RunStatus.DIALING)
    assert dialing.started_at is not None
    assert (dialing.status, dialing.answered_at) == (RunStatus.DIALING, None)
    run = store.runs.advance(dialing, RunStatus.IN_PROGRESS)
    assert run.answered_at is not None
    assert run.started_at == dialing.started_at <= run.answered_at
    ended = store.runs.advance(run, RunStatus.COMPLETED)
    assert ended.ended_at is not None
    assert replace(ended, status=run.status, ended_at=None) == run
    assert store.runs.get(organization_id, run.id) == ended


def test_an_end_is_stored_with_its_reason_and_leaves_what_is_not_told(
    store: Store, organization_id: str
) -> None:
    run = stored_run(store, organization_id)
    error = RunError(code="carrier-refused", message="The carrier refused the call.")
    told = replace(run, disposition="failed", end_reason="carrier-refused", error=error)
    ended = store.runs.advance(told, RunStatus.FAILED)
    assert ended == replace(told, status=RunStatus.FAILED, ended_at=ended.ended_at)
    assert store.runs.get(organization_id, run.id) == ended


def test_a_run_never_goes_back(store: Store, organization_id: str) -> None:
    seen = stored_run(store, organization_id)
    store.runs.advance(seen, RunStatus.RINGING)
    for status in (RunStatus.QUEUED, RunStatus.DIALING, RunStatus.RINGING):
        with pytest.raises(ConflictError):
            store.runs.advance(seen, status)
    assert store.runs.get(organization_id, seen.id).status is RunStatus.RINGING


@pytest.mark.parametrize("final", FINAL)
def test_a_run_that_is_over_stays_so(store: Store, organization_id: str, final: RunStatus) -> None:
    seen = stored_run(store, organization_id)
    over = store.runs.advance(seen, final)
    with pytest.raises(ConflictError):
        store.runs.advance(seen, RunStatus.IN_PROGRESS)
    with pytest.raises(ConflictError):
        store.runs.advance(seen, RunStatus.CANCELED)
    with pytest.raises(ConflictError):
        store.runs.begin_stream(seen)
    with pytest.raises(ConflictError) as caught:
        store.runs.take_over(seen, "streamer-1", LEASE_UNTIL)
    assert not isinstance(caught.value, OwnershipLostError)
    assert store.runs.get(organization_id, seen.id) == over


def test_of_two_ends_at_once_one_is_stored(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    results = race(
        lambda: store.runs.advance(run, RunStatus.BUSY), lambda: store.runs.advance(run, RunStatus.CANCELED)
    )
    won = [result for result in results if isinstance(result, Run)]
    assert len(won) == 1
    assert store.runs.get(organization_id, run.id) == won[0]


def test_the_carriers_id_of_the_call_is_recorded(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    store.runs.set_call_id(run, "token")
    assert store.runs.get(organization_id, run.id).telephony == replace(run.telephony, call_id="token")


def test_streams_begun_at_once_have_different_numbers(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    results = race(*[lambda: store.runs.begin_stream(run).stream_number] * 4)
    assert sorted(results) == [1, 2, 3, 4]  # type: ignore[type-var]


def test_of_many_takeovers_at_once_exactly_one_wins(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    results = race(*[lambda n=n: store.runs.take_over(run, f"streamer-{n}", LEASE_UNTIL) for n in range(8)])
    won = [result for result in results if isinstance(result, Run)]
    assert len(won) == 1
    assert sum(isinstance(result, OwnershipLostError) for result in results) == 7
    assert won[0].ownership is not None
    assert won[0].ownership.epoch == 1
    assert store.runs.get(organization_id, run.id) == won[0]


def test_each_takeover_raises_the_epoch(store: Store, organization_id: str) -> None:
    first, _ = owned_run(store, organization_id)
    second = store.runs.take_over(first, "streamer-2", LEASE_UNTIL)
    assert second.ownership == Ownership(owner="streamer-2", epoch=2, lease_until=LEASE_UNTIL)
    with pytest.raises(OwnershipLostError):
        store.runs.take_over(first, "streamer-3", LEASE_UNTIL)


def test_the_owner_renews_its_lease_and_nobody_else(store: Store, organization_id: str) -> None:
    run, ownership = owned_run(store, organization_id)
    later = replace(ownership, lease_until=LEASE_UNTIL + timedelta(seconds=5))
    store.runs.renew(run.id, later)
    assert store.runs.get(organization_id, run.id).ownership == later
    moment = Moment(at=NOON, agent_uuid=run.agent_uuid, speaker="agent", text="Hello.", cost_usd=0.000125)
    store.runs.renew(run.id, later, moment)
    store.runs.renew(run.id, later)
    assert store.runs.get(organization_id, run.id).moment == moment
    assert store.runs.list(organization_id, RunFilter(), limit=1, before_id=None).runs[0].moment is None
    taken = store.runs.take_over(run, "streamer-2", LEASE_UNTIL)
    for lost in (later, replace(later, epoch=2)):
        with pytest.raises(OwnershipLostError):
            store.runs.renew(run.id, lost)
    assert store.runs.get(organization_id, run.id) == taken


def test_the_owner_writes_the_final_row_and_lets_go(store: Store, organization_id: str) -> None:
    run, ownership = owned_run(store, organization_id)
    run = store.runs.advance(run, RunStatus.IN_PROGRESS)
    final = replace(
        run,
        status=RunStatus.COMPLETED,
        ended_at=NOON + timedelta(minutes=2),
        disposition="confirmed",
        end_reason="agent",
        gathered_context={"day": "Tuesday"},
        usage={"stt_seconds": 1},
        cost={"total_usd": 0.1},
        latency={"turns": 2},
        error=RunError(code="engine-failed", message="It failed."),
        recording_key="r",
        transcript_key="t",
    )
    store.runs.finish(final, ownership)
    assert store.runs.get(organization_id, run.id) == replace(final, ownership=None)


def test_a_stale_view_does_not_wipe_out_when_the_call_was_answered(
    store: Store, organization_id: str
) -> None:
    stale, ownership = owned_run(store, organization_id)
    answered = store.runs.advance(stale, RunStatus.IN_PROGRESS).answered_at
    store.runs.finish(replace(stale, status=RunStatus.COMPLETED), ownership)
    assert store.runs.get(organization_id, stale.id).answered_at == answered


def test_repeats_of_a_stream_are_counted_until_the_next_one_begins(
    store: Store, organization_id: str
) -> None:
    run, _ = owned_run(store, organization_id)
    store.runs.repeat_stream(run)
    repeated = store.runs.repeat_stream(run)
    assert (repeated.stream_number, repeated.stream_repeats) == (run.stream_number, 2)
    begun = store.runs.begin_stream(run)
    assert (begun.stream_number, begun.stream_repeats) == (run.stream_number + 1, 0)
    assert not begun.has_taken_stream
    assert store.runs.take_over(begun, "streamer-2", LEASE_UNTIL).has_taken_stream
    store.runs.advance(run, RunStatus.COMPLETED)
    with pytest.raises(ConflictError):
        store.runs.repeat_stream(run)


def test_a_stale_view_does_not_undo_what_others_have_stored(store: Store, organization_id: str) -> None:
    stale, ownership = owned_run(store, organization_id)
    started_at = store.runs.advance(stale, RunStatus.DIALING).started_at
    store.runs.set_call_id(stale, "token")
    store.runs.begin_stream(stale)
    store.runs.finish(replace(stale, status=RunStatus.COMPLETED, ended_at=NOON), ownership)
    stored = store.runs.get(organization_id, stale.id)
    assert (stored.started_at, stored.telephony.call_id, stored.stream_number) == (started_at, "token", 1)


@pytest.mark.parametrize("name", ["S", "N", "M", "L", "BOOL", "NULL"])
def test_a_variable_may_have_the_name_of_a_type_of_dynamodb(
    store: Store, organization_id: str, name: str
) -> None:
    run, ownership = owned_run(store, organization_id)
    final = replace(run, status=RunStatus.COMPLETED, ended_at=NOON, gathered_context={name: "small"})
    store.runs.finish(final, ownership)
    assert store.runs.get(organization_id, run.id) == replace(final, ownership=None)


def test_a_final_status_of_a_callback_stays_and_gets_the_rest_of_the_row(
    store: Store, organization_id: str
) -> None:
    run, ownership = owned_run(store, organization_id)
    over = store.runs.advance(run, RunStatus.COMPLETED)
    store.runs.finish(
        replace(run, status=RunStatus.FAILED, usage={"stt_seconds": 1}, ended_at=NOON), ownership
    )
    stored = store.runs.get(organization_id, run.id)
    assert stored == replace(over, usage={"stt_seconds": 1}, ownership=None)


def test_a_run_is_finished_by_its_owner_alone_and_once(store: Store, organization_id: str) -> None:
    run, ownership = owned_run(store, organization_id)
    taken = store.runs.take_over(run, "streamer-2", LEASE_UNTIL)
    ended = replace(run, status=RunStatus.COMPLETED)
    with pytest.raises(OwnershipLostError):
        store.runs.finish(ended, ownership)
    assert taken.ownership is not None
    store.runs.finish(ended, taken.ownership)
    with pytest.raises(OwnershipLostError):
        store.runs.finish(ended, taken.ownership)


def test_a_live_status_finishes_nothing(store: Store, organization_id: str) -> None:
    run, ownership = owned_run(store, organization_id)
    with pytest.raises(ConflictError):
        store.runs.finish(run, ownership)
    assert store.runs.get(organization_id, run.id) == run


def test_many_runs_are_read_at_once_and_those_that_are_not_there_left_out(
    store: Store, organization_id: str
) -> None:
    mine = [stored_run(store, organization_id) for _ in range(105)]
    theirs, gone = stored_run(store, f"not-{organization_id}"), make_run(organization_id)
    wanted = [run.id for run in (*mine, theirs, gone, mine[0])]
    with requests(store) as sent:
        found = store.runs.get_many(wanted)
    assert sorted(found, key=lambda run: run.id) == [*mine, theirs]
    assert sent == ["BatchGetItem", "BatchGetItem"]
    assert list(store.runs.get_many([])) == []


def test_the_first_wish_to_hang_up_is_recorded(store: Store, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    wished = store.runs.request_hangup(run, NOON)
    assert wished == replace(run, hangup_requested_at=NOON)
    store.runs.request_hangup(run, NOON + timedelta(seconds=1))
    assert store.runs.get(organization_id, run.id) == wished


def test_a_run_that_is_over_cannot_be_hung_up(store: Store, organization_id: str) -> None:
    over = store.runs.advance(stored_run(store, organization_id), RunStatus.BUSY)
    with pytest.raises(ConflictError, match="busy"):
        store.runs.request_hangup(over, NOON)
    assert store.runs.get(organization_id, over.id) == over


STARTED = RunTransfer(number=1, status=TransferStatus.STARTED)


def test_a_transfer_goes_forward_only_and_only_the_latest_one(store: Store, organization_id: str) -> None:
    run, ownership = owned_run(store, organization_id)
    store.runs.begin_transfer(run.id, ownership, STARTED)
    store.runs.name_transfer_call(run.id, ownership, "other-call")
    assert store.runs.note_transfer(run.id, 1, TransferStatus.JOINED, None)
    assert not store.runs.note_transfer(run.id, 1, TransferStatus.ANSWERED, None)
    assert not store.runs.note_transfer(run.id, 2, TransferStatus.FAILED, "busy")
    assert store.runs.note_transfer(run.id, 1, TransferStatus.FAILED, "hung-up")
    assert not store.runs.note_transfer(run.id, 1, TransferStatus.COMPLETED, None)
    failed = replace(STARTED, status=TransferStatus.FAILED, reason="hung-up", call_id="other-call")
    assert store.runs.get(organization_id, run.id) == replace(run, transfer=failed)
    second = replace(STARTED, number=2)
    store.runs.begin_transfer(run.id, ownership, second)
    assert store.runs.get(organization_id, run.id) == replace(run, transfer=second)


def test_only_the_owner_begins_a_transfer(store: Store, organization_id: str) -> None:
    run, ownership = owned_run(store, organization_id)
    former = replace(ownership, epoch=ownership.epoch - 1)
    with pytest.raises(OwnershipLostError):
        store.runs.begin_transfer(run.id, former, STARTED)
    with pytest.raises(OwnershipLostError):
        store.runs.name_transfer_call(run.id, former, "other-call")
    assert not store.runs.note_transfer(run.id, 1, TransferStatus.ANSWERED, None)
    assert store.runs.get(organization_id, run.id) == run


def test_a_transfer_of_a_run_that_is_not_stored_is_not_noted(store: Store, organization_id: str) -> None:
    with pytest.raises(NotFoundError):
        store.runs.note_transfer(make_run(organization_id).id, 1, TransferStatus.FAILED, "busy")


def test_a_callback_is_noted_on_a_run_that_is_over(store: Store, organization_id: str) -> None:
    run = make_run(organization_id, callback=Delivery(url="https://example.com/hook"))
    store.runs.create(run)
    over = store.runs.advance(run, RunStatus.COMPLETED)
    assert over.callback == run.callback
    delivered = Delivery(
        url="https://example.com/hook", status=DeliveryStatus.DELIVERED, attempts=2, last_attempt_at=NOON
    )
    store.runs.note_delivery(over, delivered)
    assert store.runs.get(organization_id, run.id) == replace(over, callback=delivered)
    with pytest.raises(ConflictError) as caught:
        store.runs.note_delivery(over, replace(delivered, status=DeliveryStatus.FAILED))
    assert caught.value.code == "delivery-taken"
    assert store.runs.get(organization_id, run.id).callback == delivered


def test_each_webhook_is_noted_by_itself(store: Store, organization_id: str) -> None:
    first, second = Delivery(node_id="a.b[0]"), Delivery(node_id="é")
    run = make_run(organization_id, webhooks=(first, second))
    store.runs.create(run)
    tried = Delivery(node_id="é", attempts=1, last_attempt_at=NOON, answer="503")
    store.runs.note_delivery(run, tried)
    assert store.runs.get(organization_id, run.id).webhooks == (first, tried)
    # Who has read the run before may still note the other one.
    store.runs.note_delivery(run, Delivery(node_id="a.b[0]", status=DeliveryStatus.DELIVERED, attempts=1))
    with pytest.raises(ConflictError):
        store.runs.note_delivery(run, tried)
    with pytest.raises(NotFoundError):
        store.runs.note_delivery(run, Delivery(node_id="other"))


def test_a_review_is_noted_by_who_has_read_the_one_before(store: Store, organization_id: str) -> None:
    run = make_run(organization_id, review=Review(), disposition="user_hangup")
    store.runs.create(run)
    claimed = replace(run, review=Review(attempts=1, last_attempt_at=NOON))
    store.runs.note_review(run, claimed)
    with pytest.raises(ConflictError) as caught:
        store.runs.note_review(run, claimed)
    assert caught.value.code == "review-taken"
    done = replace(
        claimed,
        review=Review(status=ReviewStatus.DONE, attempts=1),
        annotations={"qa_a.b": {"score": 7.5}},
        disposition="interested",
    )
    store.runs.note_review(claimed, done)
    assert store.runs.get(organization_id, run.id) == done
    with pytest.raises(NotFoundError):
        store.runs.note_review(make_run(organization_id), done)


def test_a_review_can_be_asked_for_where_there_was_none(store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    store.runs.create(run)
    asked = replace(run, review=Review(asked_at=NOON, version=3))
    store.runs.note_review(run, asked)
    assert store.runs.get(organization_id, run.id) == asked
    with pytest.raises(ConflictError):
        store.runs.note_review(run, asked)


def test_who_finishes_a_run_leaves_what_follows_it_as_it_is(store: Store, organization_id: str) -> None:
    run = make_run(organization_id, status=RunStatus.IN_PROGRESS, webhooks=(Delivery(node_id="crm"),))
    store.runs.create(run)
    owned = store.runs.take_over(run, "streamer", NOON)
    assert owned.ownership is not None
    tried = Delivery(node_id="crm", attempts=1)
    store.runs.note_delivery(owned, tried)
    store.runs.finish(replace(owned, status=RunStatus.COMPLETED), owned.ownership)
    assert store.runs.get(organization_id, run.id).webhooks == (tried,)
