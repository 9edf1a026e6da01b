"""What may be wanted of a live call, and how that is written down."""

import pytest

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.sessions.commands import (
    MOST_CHARACTERS,
    Command,
    Dtmf,
    End,
    Inject,
    Interrupt,
    Steer,
    Transfer,
    from_document,
    to_document,
)
from offhook.vocabulary import InjectRole, TransferMode

WRITTEN: list[tuple[Command, JsonObject]] = [
    (
        Inject(id="c1", text="Ask for the number.", role=InjectRole.ASSISTANT, interrupt=True),
        {
            "type": "inject",
            "id": "c1",
            "text": "Ask for the number.",
            "role": "assistant",
            "interrupt": True,
        },
    ),
    (Interrupt(id="c2"), {"type": "interrupt", "id": "c2"}),
    (Dtmf(id="c3", digits="12#"), {"type": "dtmf", "id": "c3", "digits": "12#"}),
    (Steer(id="c4", mute=False), {"type": "steer", "id": "c4", "mute": False}),
    (
        Steer(id="c5", instructions="Be brief.", voice="Joanna", temperature=0.2),
        {
            "type": "steer",
            "id": "c5",
            "instructions": "Be brief.",
            "voice": "Joanna",
            "temperature": 0.2,
        },
    ),
    (
        Transfer(
            id="c7", to="+14155550100", mode=TransferMode.WARM, summary="Ada waits.", timeout_seconds=20
        ),
        {
            "type": "transfer",
            "id": "c7",
            "to": "+14155550100",
            "mode": "warm",
            "summary": "Ada waits.",
            "timeout_seconds": 20,
        },
    ),
    (End(id="c6"), {"type": "end", "id": "c6", "reason": "hangup_requested"}),
]


@pytest.mark.parametrize(("command", "document"), WRITTEN)
def test_a_command_is_written_and_read(command: Command, document: JsonObject) -> None:
    assert to_document(command) == document
    assert from_document(document) == command


@pytest.mark.parametrize(
    "document",
    [
        {"type": "sing", "id": "c1"},
        {"id": "c1"},
        {"type": "inject", "id": "c1", "text": "Hello", "role": "chorus"},
        {"type": "inject", "id": "c1", "text": "Hello", "volume": 11},
        {"type": "inject", "id": "c1"},
    ],
)
def test_a_command_of_another_release_is_none_that_we_know(document: JsonObject) -> None:
    assert from_document(document) is None


def test_an_end_keeps_its_reason() -> None:
    end = End(id="c1", reason=EndReason.OPERATOR)
    assert from_document(to_document(end)) == end


@pytest.mark.parametrize("text", ["", "  \n", "x" * (MOST_CHARACTERS + 1)])
def test_an_injected_text_is_neither_empty_nor_endless(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Inject(id="c1", text=text)
    assert caught.value.problems[0].loc == ("text",)


def test_instructions_are_not_endless() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Steer(id="c1", instructions="x" * (MOST_CHARACTERS + 1))
    assert caught.value.problems[0].loc == ("instructions",)


@pytest.mark.parametrize("digits", ["", "1" * 33, "12w", "\u0661", "a"])
def test_only_keys_that_a_phone_has_are_pressed(digits: str) -> None:
    with pytest.raises(InvalidInputError):
        Dtmf(id="c1", digits=digits)


@pytest.mark.parametrize("to", ["", "5550177", "{{desk}}", "sip:desk", "+15550177;rm"])
def test_a_caller_is_put_through_only_to_what_can_be_dialled_and_no_error_repeats_it(to: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Transfer(id="c1", to=to)
    assert caught.value.problems[0].loc == ("to",)
    assert not to or to not in caught.value.detail


def test_whom_a_caller_is_put_through_to_stays_out_of_what_is_printed() -> None:
    assert "+14155550100" not in repr(Transfer(id="c1", to="+14155550100", summary="Ada"))


def test_empty_instructions_end_those_of_before() -> None:
    steer = Steer(id="c1", instructions="")
    assert from_document(to_document(steer)) == steer
