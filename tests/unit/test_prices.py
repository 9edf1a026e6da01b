"""What a run costs."""

from decimal import Decimal
from itertools import product

import pytest

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.ending.prices import built_in_prices, cost, parse_prices
from offhook.runs.log.events import EnginePart, EngineUse

PARTS = ("stt_usd", "llm_usd", "tts_usd", "infrastructure_usd")


def recognised(seconds: float, *, engine: str = "transcribe", stream: int = 1) -> EngineUse:
    return EngineUse(part=EnginePart.RECOGNISER, engine=engine, stream=stream, seconds=seconds)


def spoken(characters: int, engine: str = "polly-neural") -> EngineUse:
    return EngineUse(part=EnginePart.SYNTHESISER, engine=engine, characters=characters)


def thought(tokens: tuple[int, int], model: str = "global.amazon.nova-2-lite-v1:0") -> EngineUse:
    asked, answered = tokens
    return EngineUse(part=EnginePart.MODEL, engine=model, input_tokens=asked, output_tokens=answered)


def costs(*uses: EngineUse, seconds: float = 0, on: str = "aws") -> JsonObject:
    return cost(uses, call_seconds=seconds, infrastructure=on, prices=built_in_prices())


def test_a_minute_on_aws_costs_what_its_parts_cost() -> None:
    assert costs(recognised(60), thought((7200, 180)), spoken(405), seconds=60) == {
        "total_usd": 0.03419,
        "stt_usd": 0.024,
        "llm_usd": 0.00261,
        "tts_usd": 0.00648,
        "infrastructure_usd": 0.0011,
        "unpriced": [],
        "price_list": "aws-us-east-1-2026-11-28",
    }


def test_what_is_embedded_costs_nothing() -> None:
    uses = recognised(600, engine="embedded"), thought((7200, 180), "embedded"), spoken(405, "embedded")
    found = costs(*uses, seconds=600, on="embedded")
    assert [found[part] for part in ("total_usd", *PARTS)] == [0, 0, 0, 0, 0]


def test_a_call_that_used_nothing_costs_nothing() -> None:
    assert costs()["total_usd"] == 0


def test_a_short_recognition_is_charged_as_the_shortest() -> None:
    assert costs(recognised(1))["stt_usd"] == 0.006
    assert costs(recognised(15))["stt_usd"] == 0.006


def test_each_stream_is_charged_by_itself() -> None:
    # One that lasted, and two that were lost within seconds.
    lost = recognised(2, stream=2), recognised(1, stream=3)
    assert costs(recognised(45), *lost)["stt_usd"] == 0.018 + 2 * 0.006


@pytest.mark.parametrize(
    ("engine", "usd"), [("standard", 4), ("neural", 16), ("generative", 30), ("long-form", 100)]
)
def test_each_of_pollys_engines_has_its_price(engine: str, usd: float) -> None:
    assert costs(spoken(1_000_000, f"polly-{engine}"))["tts_usd"] == usd


def test_a_second_choice_is_priced_as_what_it_was() -> None:
    found = costs(spoken(1000, "polly-generative"), spoken(1000), spoken(1000, "embedded"))
    assert found["tts_usd"] == pytest.approx(0.03 + 0.016)


def test_parts_add_up_to_the_total_to_the_last_digit() -> None:
    for seconds, tokens, characters in product((0.1, 33.333, 1234.567), (1, 777), (1, 99)):
        found = costs(recognised(seconds), thought((tokens, tokens)), spoken(characters), seconds=seconds)
        assert sum(Decimal(str(found[part])) for part in PARTS) == Decimal(str(found["total_usd"]))


def test_an_engine_without_a_price_is_not_free_but_unknown() -> None:
    found = costs(recognised(60), thought((7200, 180), "my-model"))
    assert (found["llm_usd"], found["unpriced"]) == (None, ["my-model"])
    assert found["total_usd"] == found["stt_usd"] == 0.024


def test_one_engine_without_a_price_leaves_its_whole_part_unknown() -> None:
    found = costs(spoken(1000), spoken(10, "my-voice"), on="my-cloud", seconds=60)
    assert (found["tts_usd"], found["infrastructure_usd"], found["total_usd"]) == (None, None, 0)
    assert found["unpriced"] == ["my-voice", "my-cloud"]


def test_what_a_cache_had_and_was_given_has_its_own_price() -> None:
    use = EngineUse(
        part=EnginePart.MODEL,
        engine="global.anthropic.claude-haiku-4-5-20251001-v1:0",
        input_tokens=1_000_000,
        output_tokens=1_000_000,
        cached_tokens=1_000_000,
        cache_write_tokens=1_000_000,
    )
    assert costs(use)["llm_usd"] == 1 + 5 + 0.1 + 1.25


def test_without_a_price_of_its_own_what_a_cache_had_costs_as_any_other_input() -> None:
    use = EngineUse(
        part=EnginePart.MODEL,
        engine="openai.gpt-oss-20b-1:0",
        cached_tokens=1_000_000,
        cache_write_tokens=1_000_000,
    )
    assert costs(use)["llm_usd"] == 2 * 0.07


def test_an_operator_can_bring_a_price_list() -> None:
    text = built_in_prices().model_dump_json().replace("0.024", "0.048").replace("us-east-1", "eu-west-1")
    found = cost([recognised(60)], prices=parse_prices(text))
    assert (found["stt_usd"], found["price_list"]) == (0.048, "aws-eu-west-1-2026-11-28")


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
