"""Instants as clients write them: ISO 8601, with a time zone."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

_DATE_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_only(value: Any) -> Any:
    # Pydantic would take a number, also one in a text, for seconds since 1970.
    if not isinstance(value, str) or not _DATE_FIRST.match(value):
        raise ValueError("Write the instant as text, such as 2027-01-31T00:00:00Z.")
    return value


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("The instant is too far away.") from None


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_iso_only, json_schema_input_type=str),
    AfterValidator(_in_utc),
    Field(json_schema_extra={"format": "date-time", "maxLength": 64}),
]
"""An aware instant in UTC."""
