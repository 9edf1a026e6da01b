"""The reaper and calls whose streamer is gone, and which the carrier still has: they are switched to another one."""

import pytest

from offhook.errors import OwnershipLostError
from offhook.json_types import JsonValue
from offhook.runs.model import (
    Run,
    RunStatus,
    RunTelephony,
    RunTransfer,
    TransferStatus,
)
from tests.support.backstage import Backstage
from tests.support.carrier import Answer, Silence
from tests.support.makers import make_event
from tests.support.reaping import (
    ASK,
    HANG_UP,
    SWITCH,
    WORDS,
    add_call,
    add_line,
    asked,
    live,
    renew,
    takeovers,
    tick,
)


@pytest.fixture
def call(stage: Backstage) -> Run:
    """Return a run whose streamer is lost, and with it the carrier's way back."""
    return add_call(stage, telephony=add_line(stage))


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
