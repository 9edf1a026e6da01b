"""What the caller may say: whole words, the longest wording first, and bounded whatever the document holds."""

import time
import tracemalloc

import pytest

from offhook.json_types import JsonObject, JsonValue
from offhook.workflows import Phrase, match, parse_workflow, phrases_of
from offhook.workflows.phrases import MAX_PHRASES, words_of


def phrases(
    *edges: list[JsonValue], variables: dict[str, list[JsonValue]] | None = None, source: str = "a"
) -> tuple[Phrase, ...]:
    """Return the phrases of a start node whose edges e0, e1 ... listen for these templates."""
    gathered: list[JsonValue] = [
        {"name": name, "values": values} for name, values in (variables or {}).items()
    ]
    definition: JsonObject = {
        "nodes": [
            {
                "id": "a",
                "type": "startCall",
                "data": {"name": "A", "say": "A?", "extraction_variables": gathered},
            },
            {"id": "b", "type": "agentNode", "data": {"name": "B", "say": "B?"}},
        ],
        "edges": [
            {
                "id": f"e{n}",
                "source": "a",
                "target": "b",
                "data": {"label": f"l{n}", "condition": "So", "phrases": texts},
            }
            for n, texts in enumerate(edges)
        ],
    }
    workflow = parse_workflow(definition)
    return phrases_of(workflow, workflow.step(source))


def taken(found: Phrase | None) -> str | None:
    return None if found is None else found.edge.id


def test_the_caller_takes_the_edge_whose_phrase_it_says() -> None:
    known = phrases(["yes"], ["no"])
    assert taken(match(known, "Well, no.")) == "e1"
    assert match(known, "Perhaps.") is None
    assert match(known, "") is None


def test_the_longest_phrase_wins_wherever_it_stands() -> None:
    known = phrases(["no"], ["yes"], ["no yes please"])
    assert taken(match(known, "no, yes please")) == "e2"
    assert taken(match(known, "no, yes")) == "e0"


def test_of_two_equal_phrases_the_first_edge_counts() -> None:
    assert taken(match(phrases(["yes"], ["Yes!"]), "yes")) == "e0"


@pytest.mark.parametrize("said", ["nobody", "know", "piano no-one", "annoy"])
def test_only_whole_words_count(said: str) -> None:
    assert taken(match(phrases(["one"]), said)) == ("e0" if said == "piano no-one" else None)


@pytest.mark.parametrize(
    "said", ["YES, that's   fine!", "yes\nthat\u2019s fine", "«Yes» - 'that's' \"fine\"…"]
)
def test_punctuation_case_and_kind_of_apostrophe_do_not_matter(said: str) -> None:
    for phrase in ("Yes, that's fine.", "yes that\u2019s fine", "'Yes that's fine'"):
        assert taken(match(phrases([phrase]), said)) == "e0"


@pytest.mark.parametrize(
    ("phrase", "said", "other"),
    [
        ("Übermorgen früh", "ja, ÜBERMORGEN FRÜH", "bermorgen fr"),
        ("demain à midi", "Demain à midi!", "demain midi"),  # composed and decomposed
        ("нет спасибо", "Ой, нет, спасибо", "не спасибо"),
        ("नमस्ते", "नमस्ते जी", "नमस"),
        ("はい", "はい。", "いいえ"),
        ("لا شكرا", "لا، شكرا", "شكرا"),
    ],
)
def test_words_of_any_script_are_words(phrase: str, said: str, other: str) -> None:
    known = phrases([phrase])
    assert taken(match(known, said)) == "e0"
    assert match(known, other) is None


def test_words_that_are_shown_to_a_recogniser_are_the_words_that_were_written() -> None:
    assert words_of("Guten Tag, नमस्ते! It's 9 o'clock...") == ("guten", "tag", "नमस्ते", "it's", "9", "o'clock")
    assert words_of("... ' !") == ()


def test_a_placeholder_gathers_what_was_said() -> None:
    known = phrases(
        ["on {day}", "{day} at {hour}"], variables={"day": ["Tuesday", "Friday"], "hour": ["nine"]}
    )
    assert len(known) == 4
    found = match(known, "Friday at nine, please")
    assert found is not None
    assert found.gathered == {"day": "Friday", "hour": "nine"}
    found = match(known, "on tuesday")
    assert found is not None
    assert found.gathered == {"day": "Tuesday"}


def test_a_placeholder_that_occurs_twice_is_one_choice() -> None:
    known = phrases(["{day} no {day}"], variables={"day": ["monday", "friday"]})
    assert {phrase.text: phrase.gathered for phrase in known} == {
        "monday no monday": {"day": "monday"},
        "friday no friday": {"day": "friday"},
    }


def test_what_holds_no_words_is_never_said() -> None:
    assert phrases(["", "?!", "{day}"], variables={"day": ["", " - "]}) == ()
    assert phrases(["{unknown}"]) == ()
    assert phrases(["yes"], source="b") == ()


def test_thousands_of_values_in_several_placeholders_cost_little() -> None:
    values: list[JsonValue] = [f"value number {n} " + "x" * 180 for n in range(3000)]
    variables = dict.fromkeys("abcd", values)
    edges: list[list[JsonValue]] = [["{a} {b} {c} {d} " * 12] * 50] * 10
    tracemalloc.start()
    start = time.perf_counter()
    try:
        known = phrases(*edges, variables=variables)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Nobody says as much in one breath.
    assert known == ()
    assert peak_bytes < 100_000_000
    assert time.perf_counter() - start < 20
    assert match(known, "value number 1") is None


def test_plain_phrases_are_heard_however_many_a_placeholder_makes() -> None:
    variables: dict[str, list[JsonValue]] = {"product": [f"product {n}" for n in range(3 * MAX_PHRASES)]}
    known = phrases(["buy {product}"], ["goodbye"], variables=variables)
    assert len(known) == MAX_PHRASES
    assert taken(match(known, "goodbye then")) == "e1"
    assert taken(match(known, "buy product 7")) == "e0"
