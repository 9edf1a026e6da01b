"""What a run costs."""

from decimal import Decimal
from itertools import product

import pytest

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.ending.prices import EnginesUsed, built_in_prices, cost, parse_prices

AWS = EnginesUsed(
    recogniser="transcribe", model="nova-2-lite", synthesiser="polly-neural", infrastructure="aws"
)
PARTS = ("stt_usd", "llm_usd", "tts_usd", "infrastructure_usd")


def used(seconds: float, tokens: tuple[int, int] = (0, 0), characters: int = 0) -> JsonObject:
    return {
        "call_duration_seconds": seconds,
        "llm": {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)},
        "stt_seconds": seconds,
        "tts_characters": characters,
    }


def test_a_minute_on_aws_costs_what_its_parts_cost() -> None:
    assert cost(used(60, (7200, 180), 405), AWS, built_in_prices()) == {
        "total_usd": 0.03419,
        "stt_usd": 0.024,
        "llm_usd": 0.00261,
        "tts_usd": 0.00648,
        "infrastructure_usd": 0.0011,
        "price_list": "aws-us-east-1-2026-11-20",
    }


def test_what_is_embedded_costs_nothing() -> None:
    found = cost(used(600, (7200, 180), 405), EnginesUsed(), built_in_prices())
    assert [found[part] for part in ("total_usd", *PARTS)] == [0, 0, 0, 0, 0]


def test_a_call_that_used_nothing_costs_nothing() -> None:
    assert cost(used(0), AWS, built_in_prices())["total_usd"] == 0


def test_a_short_recognition_is_charged_as_the_shortest() -> None:
    assert cost(used(1), AWS, built_in_prices())["stt_usd"] == 0.006
    assert cost(used(15), AWS, built_in_prices())["stt_usd"] == 0.006


def test_parts_add_up_to_the_total_to_the_last_digit() -> None:
    for seconds, tokens, characters in product((0.1, 33.333, 1234.567), (1, 777), (1, 99)):
        found = cost(used(seconds, (tokens, tokens), characters), AWS, built_in_prices())
        assert sum(Decimal(str(found[part])) for part in PARTS) == Decimal(str(found["total_usd"]))


def test_an_engine_without_a_price_is_not_free_but_unknown() -> None:
    own_model = EnginesUsed(recogniser="transcribe", model="my-model")
    found = cost(used(60, (7200, 180)), own_model, built_in_prices())
    assert found["llm_usd"] is None
    assert found["total_usd"] == found["stt_usd"] == 0.024


def test_an_operator_can_bring_a_price_list() -> None:
    text = built_in_prices().model_dump_json().replace("0.024", "0.048").replace("us-east-1", "eu-west-1")
    found = cost(used(60), AWS, parse_prices(text))
    assert (found["stt_usd"], found["price_list"]) == (0.048, "aws-eu-west-1-2026-11-20")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "the document"),
        ("{}", "name"),
        (
            built_in_prices().model_dump_json().replace('"0.024"', '"-1"'),
            "recognisers.transcribe.usd_per_minute",
        ),
        (
            built_in_prices().model_dump_json().replace('"0.024"', '"NaN"'),
            "recognisers.transcribe.usd_per_minute",
        ),
        (built_in_prices().model_dump_json().replace("minimum_seconds", "minimum"), "minimum"),
    ],
)
def test_a_faulty_price_list_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        parse_prices(text)
