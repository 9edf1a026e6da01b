"""Requests that every model accepts, whatever the conversation was: in turns, and in the words of both protocols."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from offhook.adapters.bedrock import messages as converse
from offhook.adapters.openai import messages as completions
from offhook.models.requests import ChatLine, Line, ModelRequest, ToolOutcome, ToolSpec, ToolUse
from offhook.models.shaping import BEGINNING, GOING_ON, NOBODY, Turn, system_of, tools_of, turns_of

BOOK = ToolSpec(name="book", description="Books an appointment", parameters={"type": "object"})


def user(text: str) -> ChatLine:
    return ChatLine(from_caller=True, text=text)


def agent(text: str) -> ChatLine:
    return ChatLine(from_caller=False, text=text)


def use(call_id: str = "a", **arguments: str) -> ToolUse:
    return ToolUse(call_id=call_id, name="book", arguments=dict(arguments))


def outcome(text: str, call_id: str = "a") -> ToolOutcome:
    return ToolOutcome(call_id=call_id, text=text)


def request(*lines: Line, tools: Sequence[ToolSpec] = (BOOK,), system: str = "Be brief.") -> ModelRequest:
    return ModelRequest(system=system, facts="It is noon.", lines=lines, tools=tuple(tools))


def shape(*lines: Line, tools: Sequence[ToolSpec] = (BOOK,)) -> list[tuple[str, ...]]:
    """Return the turns in short: who, then what in the order of the protocol."""
    return [_short(turn) for turn in turns_of(request(*lines, tools=tools))]


def _short(turn: Turn) -> tuple[str, ...]:
    text = (turn.text,) if turn.text else ()
    if turn.is_users:
        return ("user", *(f"={each.text}" for each in turn.outcomes), *text)
    return ("agent", *text, *(f"!{each.name}" for each in turn.uses))


def test_a_conversation_begins_with_the_caller() -> None:
    assert shape(agent("Hello."), user("Hi")) == [("user", BEGINNING), ("agent", "Hello."), ("user", "Hi")]


def test_it_ends_with_the_caller() -> None:
    assert shape(user("Hi"), agent("One moment.")) == [
        ("user", "Hi"),
        ("agent", "One moment."),
        ("user", GOING_ON),
    ]


def test_before_anything_was_said_somebody_is_on_the_line() -> None:
    assert shape() == [("user", BEGINNING)]


def test_neighbours_are_one_turn_and_what_is_empty_is_none() -> None:
    lines = user("I want"), user("to book"), agent(" "), user(""), user("a table ")
    assert shape(*lines) == [("user", "I want\nto book\na table")]


def test_what_a_tool_has_answered_follows_its_use() -> None:
    lines = user("Book it"), agent("One moment."), use(), outcome("Booked."), agent("Done."), user("Thanks")
    assert shape(*lines) == [
        ("user", "Book it"),
        ("agent", "One moment.", "!book"),
        ("user", "=Booked."),
        ("agent", "Done."),
        ("user", "Thanks"),
    ]


def test_tools_that_ran_beside_each_other_are_answered_together() -> None:
    lines = user("Both"), use("a"), use("b"), outcome("A.", "a"), outcome("B.", "b")
    assert shape(*lines) == [("user", "Both"), ("agent", "!book", "!book"), ("user", "=A.", "=B.")]


def test_what_was_said_while_a_tool_ran_comes_after_its_answer() -> None:
    lines = user("Book"), use(), agent("Still at it."), user("Hurry"), outcome("Booked.")
    assert shape(*lines) == [
        ("user", "Book"),
        ("agent", "!book"),
        ("user", "=Booked."),
        ("agent", "Still at it."),
        ("user", "Hurry"),
    ]


def test_a_use_without_an_answer_is_told_to_be_unknown() -> None:
    turns = turns_of(request(user("Book"), use(), user("Hello?")))
    (lost,) = turns[2].outcomes
    assert (lost.text, lost.is_error, turns[2].text) == (
        "It is not known whether this was done.",
        True,
        "Hello?",
    )


def test_an_answer_without_a_use_and_a_use_that_is_repeated_are_left_out() -> None:
    assert shape(user("Hi"), outcome("What?", "z"), use("a"), use("a"), outcome("Booked.")) == [
        ("user", "Hi"),
        ("agent", "!book"),
        ("user", "=Booked."),
    ]


def test_without_tools_what_they_answered_is_told_in_words() -> None:
    lines = user("Book"), use(), outcome("Booked."), agent("Done.")
    assert shape(*lines, tools=()) == [
        ("user", "Book\n[book has answered: Booked.]"),
        ("agent", "Done."),
        ("user", GOING_ON),
    ]


def test_ids_of_one_provider_are_read_by_every_other() -> None:
    turns = turns_of(request(user("Book"), use("chatcmpl-tool/ä b"), outcome("Booked.", "chatcmpl-tool/ä b")))
    assert (turns[1].uses[0].call_id, turns[2].outcomes[0].call_id) == ("call00000", "call00000")


def test_the_system_text_is_never_empty() -> None:
    assert system_of(request(system=" \n")) == NOBODY


def test_tools_have_one_name_each_a_description_and_the_schema_of_an_object() -> None:
    bare = ToolSpec(name="look_up", description=" ")
    first, second = tools_of(request(tools=(bare, BOOK, BOOK)))
    assert (first.description, first.parameters) == ("look up", {"type": "object", "properties": {}})
    assert (second.name, second.parameters) == ("book", {"type": "object", "properties": {}})


texts = st.text(max_size=6) | st.sampled_from(["", " ", "Hi.", "\ud83d"])
ids = st.sampled_from(["a", "b", "ß", ""])
lines = st.lists(
    st.builds(ChatLine, from_caller=st.booleans(), text=texts)
    | st.builds(ToolUse, call_id=ids, name=st.just("book"), arguments=st.just({"day": "monday"}))
    | st.builds(ToolOutcome, call_id=ids, text=texts, is_error=st.booleans()),
    max_size=12,
)
requests = st.builds(
    ModelRequest,
    system=texts,
    facts=texts,
    lines=lines.map(tuple),
    tools=st.sampled_from([(), (BOOK,), (BOOK, ToolSpec(name="end", description=""))]),
)


@pytest.mark.fuzz
@given(asked=requests)
def test_any_conversation_becomes_turns_that_every_model_accepts(asked: ModelRequest) -> None:
    turns = turns_of(asked)
    assert turns[0].is_users
    assert turns[-1].is_users
    assert all(before.is_users != after.is_users for before, after in pairwise(turns))
    assert all(turn.text or turn.uses or turn.outcomes for turn in turns)
    used = [[each.call_id for each in turn.uses] for turn in turns]
    answered = [[each.call_id for each in turn.outcomes] for turn in turns]
    assert answered == [[], *used[:-1]]
    assert all(each.text.strip() for turn in turns for each in turn.outcomes)


@pytest.fixture(scope="module")
def converse_input() -> Any:
    return Session().get_service_model("bedrock-runtime").operation_model("ConverseStream").input_shape


@pytest.mark.fuzz
@given(asked=requests)
def test_converse_is_asked_in_its_own_form(converse_input: Any, asked: ModelRequest) -> None:
    said = converse.conversation(asked, caches=True)
    faults = ParamValidator().validate({"modelId": "m", **said}, converse_input)
    assert not faults.has_errors(), faults.generate_report()
    roles = [message["role"] for message in said["messages"]]
    assert roles == [("user", "assistant")[n % 2] for n in range(len(roles))]
    assert roles[-1] == "user"
    blocks = [block for message in said["messages"] for block in message["content"]]
    assert all(block["text"].strip() for block in blocks if "text" in block)
    if any("toolUse" in block for block in blocks):
        assert "toolConfig" in said


@pytest.mark.fuzz
@given(asked=requests)
def test_completions_are_asked_for_in_their_own_form(asked: ModelRequest) -> None:
    system, *messages = completions.conversation(asked)["messages"]
    assert system["role"] == "system"
    assert system["content"].strip()
    assert messages[-1]["role"] in ("user", "tool")
    wanted: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == wanted.pop(0)
        else:
            assert not wanted
            wanted = [each["id"] for each in message.get("tool_calls", ())]
            assert wanted or message["content"].strip()


def test_converse_caches_what_is_the_same_in_each_turn() -> None:
    said = converse.conversation(request(user("Hi")), caches=True)
    assert said["system"] == [
        {"text": "Be brief."},
        {"cachePoint": {"type": "default"}},
        {"text": "It is noon."},
    ]
    assert said["toolConfig"]["tools"][-1] == {"cachePoint": {"type": "default"}}
    assert "cachePoint" not in str(converse.conversation(request(user("Hi")), caches=False))


def test_the_outcome_of_a_tool_stands_before_what_the_caller_says() -> None:
    said = converse.conversation(request(user("Book"), use(), outcome("Booked."), user("So?")), caches=False)
    assert said["messages"][-1]["content"] == [
        {"toolResult": {"toolUseId": "call00000", "content": [{"text": "Booked."}]}},
        {"text": "So?"},
    ]


def test_what_tools_have_said_is_looked_at_once_however_many_there_were() -> None:
    looks: list[str] = []

    class Watched(str):
        __slots__ = ()

        def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
            looks.append(self)
            return super().encode(encoding, errors)

    lines = [line for n in "abcdefgh" for line in (use(n), outcome(Watched(f"Done {n}."), n))]
    assert shape(*lines)[-1] == ("user", "=Done h.")
    assert len(looks) == len(set(looks)) == 8
