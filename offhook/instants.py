"""Instants in documents: ISO 8601 with a time zone, as clients write them and as we do."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer, WithJsonSchema

from offhook.clock import to_iso

_DATE_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_only(value: Any) -> Any:
    # Pydantic would take a number, also one in a text, for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE_FIRST.match(value)):
        return value
    raise ValueError("Write the instant as text, such as 2027-01-31T00:00:00Z.")


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("The instant is too far away.") from None


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_iso_only),
    AfterValidator(_in_utc),
    PlainSerializer(to_iso, when_used="json"),
    WithJsonSchema({"type": "string", "maxLength": 64, "format": "date-time"}, mode="validation"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""An aware instant in UTC, written as `to_iso` does."""
