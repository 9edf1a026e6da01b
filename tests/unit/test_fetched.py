"""What counts of an answer about a call, in each of the forms that clients know."""

import json
from typing import Any

import pytest

from offhook.runs.context import greeting_in
from offhook.runs.fetched import UnusableAnswerError, answer_of, question_of
from offhook.runs.model import Direction, RunTelephony
from tests.support.makers import make_run

RUN = make_run(direction=Direction.INBOUND)
JANE = {"name": "Jane"}


@pytest.mark.parametrize(
    "answer",
    [
        {"initial_context": JANE},
        {"dynamic_variables": JANE},
        {"call_inbound": {"initial_context": JANE}},
        {"call_inbound": {"dynamic_variables": JANE}},
        {"initial_context": JANE, "dynamic_variables": {"name": "older"}},
        {"initial_context": "no object", "call_inbound": {"initial_context": JANE}},
        {"initial_context": {**JANE, "direction": "forged", "runtime_configuration": {}}},
    ],
)
def test_values_are_found_in_each_form_and_the_newer_one_wins(answer: Any) -> None:
    assert answer_of(RUN, 200, json.dumps(answer).encode()) == JANE


def test_an_outbound_calls_answer_may_name_its_own_event() -> None:
    run = make_run(direction=Direction.OUTBOUND)
    for event in ("call_outbound", "call_inbound"):
        assert answer_of(run, 200, json.dumps({event: {"initial_context": JANE}}).encode()) == JANE


def test_an_incoming_call_is_asked_about_by_its_numbers() -> None:
    run = make_run(
        direction=Direction.INBOUND,
        telephony=RunTelephony(caller_number="+15550100", called_number="+15550101"),
    )
    asked = json.loads(question_of(run))
    assert asked["event"] == "call_inbound"
    assert (asked["call_inbound"]["from_number"], asked["call_inbound"]["to_number"]) == (
        "+15550100",
        "+15550101",
    )


@pytest.mark.parametrize(
    ("given", "greeting"),
    [
        ("Hi.", "Hi."),
        ({"type": "text", "text": " Hi. "}, "Hi."),
        ({"text": "Hi."}, "Hi."),
        ({"type": "audio", "recording_id": "welcome"}, ""),
        ({"type": "text", "text": 7}, ""),
        (None, ""),
        (["Hi."], ""),
    ],
)
def test_a_greeting_is_a_text(given: Any, greeting: str) -> None:
    assert greeting_in({"greeting_override": given}) == greeting


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", '"\\ud800"', '{"\\ud800": 1}'])
def test_what_no_log_and_no_page_can_show_is_no_answer(value: str) -> None:
    with pytest.raises(UnusableAnswerError, match="no JSON"):
        answer_of(RUN, 200, f'{{"initial_context": {{"name": {value}}}}}'.encode())
