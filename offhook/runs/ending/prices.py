"""What a run cost, in USD, from what its engines did and a dated price list."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offhook.agents.engines import EMBEDDED
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.log.events import EnginePart, EngineUse, ModelTokens

_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("0.000001")
_Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


_PARTS: dict[str, str] = {
    EnginePart.RECOGNISER: "stt_usd",
    EnginePart.MODEL: "llm_usd",
    EnginePart.SYNTHESISER: "tts_usd",
}


class _Priced(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MinutePrice(_Priced):
    """A price by time; less than the minimum is charged as the minimum."""

    usd_per_minute: _Usd
    minimum_seconds: int = Field(default=0, ge=0)


class TokenPrice(_Priced):
    """A price by tokens; what a cache had or was given costs as any other input where the list does not say."""

    usd_per_million_input_tokens: _Usd
    usd_per_million_output_tokens: _Usd
    usd_per_million_cached_tokens: _Usd | None = None
    usd_per_million_cache_write_tokens: _Usd | None = None

    def of(self, tokens: ModelTokens) -> Decimal:
        """Return the price of these."""
        asked = self.usd_per_million_input_tokens
        cached, written = self.usd_per_million_cached_tokens, self.usd_per_million_cache_write_tokens
        return (
            asked * tokens.input_tokens
            + self.usd_per_million_output_tokens * tokens.output_tokens
            + (asked if cached is None else cached) * tokens.cached_tokens
            + (asked if written is None else written) * tokens.cache_write_tokens
        ) / _MILLION


class CharacterPrice(_Priced):
    """A price by characters."""

    usd_per_million_characters: _Usd


class PriceList(_Priced):
    """The prices of a day and a region, which its name tells; `sources` says where they were read, and when."""

    name: str = Field(min_length=1)
    sources: tuple[str, ...] = ()
    recognisers: dict[str, MinutePrice]
    models: dict[str, TokenPrice]
    synthesisers: dict[str, CharacterPrice]
    infrastructures: dict[str, MinutePrice]

    def without_minimum(self) -> "PriceList":
        """Return the same prices for a part of what is billed as a whole."""
        by_the_second = {
            name: MinutePrice(usd_per_minute=price.usd_per_minute) for name, price in self.recognisers.items()
        }
        return self.model_copy(update={"recognisers": by_the_second})


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


def cost(
    uses: Iterable[EngineUse], *, prices: PriceList, call_seconds: float = 0, infrastructure: str = EMBEDDED
) -> JsonObject:
    """Return the `cost_info` of a run from what each of its engines did, and how long it lasted on what.

    A part is None when the list has no price for one of its engines, which `unpriced` then names; the total is the sum of
    the others, to the last digit.
    """
    priced = [(_PARTS.get(use.part, "other_usd"), use.engine, _price_of(use, prices)) for use in uses]
    by_time = prices.infrastructures.get(infrastructure)
    priced.append(("infrastructure_usd", infrastructure, _by_time(by_time, call_seconds)))
    parts: dict[str, Decimal | None] = dict.fromkeys((*_PARTS.values(), "infrastructure_usd"), Decimal(0))
    for part, _, usd in priced:
        before = parts.get(part, Decimal(0))
        parts[part] = None if usd is None or before is None else before + usd
    rounded = {name: None if part is None else part.quantize(_SMALLEST) for name, part in parts.items()}
    total = sum((part for part in rounded.values() if part is not None), Decimal(0))
    plain: JsonObject = {name: None if part is None else float(part) for name, part in rounded.items()}
    unpriced = dict.fromkeys(engine for _, engine, usd in priced if usd is None)
    return {"total_usd": float(total), **plain, "unpriced": list(unpriced), "price_list": prices.name}


def _price_of(use: EngineUse, prices: PriceList) -> Decimal | None:
    match use.part:
        case EnginePart.RECOGNISER:
            return _by_time(prices.recognisers.get(use.engine), use.seconds)
        case EnginePart.SYNTHESISER:
            return _by_characters(prices.synthesisers.get(use.engine), use.characters)
        case EnginePart.MODEL:
            by_tokens = prices.models.get(use.engine)
            return None if by_tokens is None else by_tokens.of(use.tokens)
        case _:
            return None


def _by_time(price: MinutePrice | None, seconds: float) -> Decimal | None:
    if price is None:
        return None
    used = Decimal(str(seconds))
    return price.usd_per_minute * max(used, Decimal(price.minimum_seconds)) / 60 if used else Decimal(0)


def _by_characters(price: CharacterPrice | None, characters: int) -> Decimal | None:
    return None if price is None else price.usd_per_million_characters * characters / _MILLION
