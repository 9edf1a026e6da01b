"""What a run cost, in USD, from what it used and a dated price list."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject, JsonValue

_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("0.000001")
_Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginesUsed:
    """What a run ran on, by the names of the price list."""

    recogniser: str = "embedded"
    model: str = "embedded"
    synthesiser: str = "embedded"
    infrastructure: str = "embedded"


class _Priced(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MinutePrice(_Priced):
    """A price by time; less than the minimum is charged as the minimum."""

    usd_per_minute: _Usd
    minimum_seconds: int = Field(default=0, ge=0)


class TokenPrice(_Priced):
    """A price by tokens."""

    usd_per_million_input_tokens: _Usd
    usd_per_million_output_tokens: _Usd


class CharacterPrice(_Priced):
    """A price by characters."""

    usd_per_million_characters: _Usd


class PriceList(_Priced):
    """The prices of a day and a region, which its name tells."""

    name: str = Field(min_length=1)
    recognisers: dict[str, MinutePrice]
    models: dict[str, TokenPrice]
    synthesisers: dict[str, CharacterPrice]
    infrastructures: dict[str, MinutePrice]


@cache
def built_in_prices() -> PriceList:
    """Return the price list that comes with this release."""
    return parse_prices(files("offhook.runs").joinpath("price_list.json").read_text())


def parse_prices(text: str) -> PriceList:
    """Read an operator's price list; raise InvalidInputError that names the first thing wrong with it."""
    try:
        return PriceList.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the document"
        raise InvalidInputError(f"The price list can't be used: {where}: {first['msg']}.") from None


def cost(usage: JsonObject, engines: EnginesUsed, prices: PriceList) -> JsonObject:
    """Return the `cost_info` of a run from its `usage_info`.

    A part is None when the list has no price for its engine; the total is the sum of the others, to the last digit.
    """
    parts = {
        "stt_usd": _by_time(prices.recognisers.get(engines.recogniser), usage.get("stt_seconds")),
        "llm_usd": _by_tokens(prices.models.get(engines.model), usage.get("llm")),
        "tts_usd": _by_characters(prices.synthesisers.get(engines.synthesiser), usage.get("tts_characters")),
        "infrastructure_usd": _by_time(
            prices.infrastructures.get(engines.infrastructure), usage.get("call_duration_seconds")
        ),
    }
    rounded = {name: None if part is None else part.quantize(_SMALLEST) for name, part in parts.items()}
    total = sum((part for part in rounded.values() if part is not None), Decimal(0))
    plain: JsonObject = {name: None if part is None else float(part) for name, part in rounded.items()}
    return {"total_usd": float(total), **plain, "price_list": prices.name}


def _by_time(price: MinutePrice | None, seconds: JsonValue) -> Decimal | None:
    used = _decimal(seconds)
    if price is None:
        return None
    return price.usd_per_minute * max(used, Decimal(price.minimum_seconds)) / 60 if used else Decimal(0)


def _by_tokens(price: TokenPrice | None, tokens: JsonValue) -> Decimal | None:
    if price is None:
        return None
    counted = tokens if isinstance(tokens, dict) else {}
    asked = price.usd_per_million_input_tokens * _decimal(counted.get("input_tokens"))
    answered = price.usd_per_million_output_tokens * _decimal(counted.get("output_tokens"))
    return (asked + answered) / _MILLION


def _by_characters(price: CharacterPrice | None, characters: JsonValue) -> Decimal | None:
    return None if price is None else price.usd_per_million_characters * _decimal(characters) / _MILLION


def _decimal(value: JsonValue) -> Decimal:
    return Decimal(str(value)) if isinstance(value, int | float) else Decimal(0)
