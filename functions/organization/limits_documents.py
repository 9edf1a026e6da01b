"""The body of the limits, and of the secret that signs what we post."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from offhook.documents import examples, parts_of
from offhook.organizations.limits import Limits

_LIMITS: dict[str, Any] = {
    "max_concurrent_calls": 10,
    "minutes_per_month": 5000,
    "spend_per_day_usd": 25.5,
    "calls_per_minute_per_key": 60,
    "calls_per_number_per_day": 3,
    "campaign_share_percent": 80,
    "allowed_destinations": ["+1", "+4420", "sip:"],
}

_Prefix = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^(\+[1-9][0-9]{0,14}|sips?:[!-~]*)$",
        description="The beginning of a number in E.164, such as +1415, or of a sip: URI.",
    ),
]


class LimitsDocument(BaseModel):
    """What the organization may use. All of it is given, so that nothing becomes unlimited by being left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_LIMITS]})

    max_concurrent_calls: int = Field(
        strict=True, ge=0, le=10_000, description="How many calls may be live at once; 0 stops all calls."
    )
    minutes_per_month: int | None = Field(
        strict=True,
        ge=0,
        le=10_000_000,
        description="Minutes of calls in a calendar month; null for no limit.",
    )
    spend_per_day_usd: float | None = Field(
        strict=True,
        ge=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="What the calls of a day may cost, in USD; null for no limit.",
    )
    calls_per_minute_per_key: int = Field(
        strict=True, ge=0, le=10_000, description="How many calls one API key may start in a minute."
    )
    calls_per_number_per_day: int = Field(
        strict=True,
        ge=0,
        le=100,
        description="How often all campaigns together may call one number in one day, as it is there; 0 stops their calls.",
    )
    campaign_share_percent: int = Field(
        strict=True,
        ge=1,
        le=100,
        description="How much of the concurrent calls campaigns may take, so that the rest is left to triggers; one call at least.",
    )
    allowed_destinations: list[_Prefix] | None = Field(
        max_length=500,
        description="What may be dialled begins so; null for the countries of your own verified numbers, without their "
        "premium rates, and SIP addresses that are no telephone numbers.",
    )


class WebhookSecretDocument(BaseModel):
    """What to check our posts to your addresses with: the key of their HMAC-SHA256."""

    model_config = examples({"secret": "whsec_" + "3b1c9f20" * 8})

    secret: str


def limits_document(limits: Limits) -> LimitsDocument:
    """Show limits."""
    spend = limits.spend_per_day_usd
    shown = {"spend_per_day_usd": None if spend is None else float(spend)}
    return LimitsDocument.model_validate(parts_of(limits) | shown)


def limits_of(document: LimitsDocument) -> Limits:
    """Read limits."""
    spend, destinations = document.spend_per_day_usd, document.allowed_destinations
    read = {
        # As it was written: the nearest binary fraction would show again as 0.1000000000000000055….
        "spend_per_day_usd": None if spend is None else Decimal(str(spend)),
        "allowed_destinations": None if destinations is None else tuple(destinations),
    }
    return Limits(**dict(document) | read)
