"""Capturing a value that the caller says: understood, said back, confirmed or corrected, all without a model."""

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from offhook.vocabulary import Happening
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands.errand import Errand, missing_way
from offhook.workflows.piece import Piece
from offhook.workflows.templates import NO_TIME_ZONE, zone_of


class CaptureType(StrEnum):
    """What kind of value is captured."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    ADDRESS = "address"


KEYED = (CaptureType.PHONE, CaptureType.NUMBER, CaptureType.DATE, CaptureType.TIME)
"""What can be keyed in as well."""


def _day(text: str) -> str:
    if text:
        date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_day), Field(max_length=10)]
"""A day in ISO 8601, or nothing."""


class CaptureSentences(Piece):
    """What is said in place of the language's own sentences; `{value}` stands for what was understood."""

    read_back: str = Field("", max_length=500)
    go_on: str = Field("", max_length=500)
    so_far: str = Field("", max_length=500)
    again: str = Field("", max_length=500)
    unclear: str = Field("", max_length=500)
    unfit: str = Field("", max_length=500)
    yes_or_no: str = Field("", max_length=500)
    wait: str = Field("", max_length=500)


class Capture(Errand):
    """A value to capture into a variable.

    `region` is the country whose ways of writing are meant, by default that of the agent's language. `minimum`, `maximum`
    and `whole` bound numbers; `period`, `not_before` and `not_after` dates, which are relative to today in `time_zone`.
    After `attempts` that were not understood, or refused, it is given up.
    """

    field: ClassVar = "capture"
    deed: ClassVar = "capture a value"
    happenings: ClassVar = (Happening.CAPTURED, Happening.NOT_CAPTURED)

    variable: str = Field(min_length=1, max_length=64)
    type: CaptureType
    region: str = Field("", pattern=r"^([A-Za-z]{2})?$")
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    period: Literal["future", "past", "any"] = "any"
    not_before: Day = ""
    not_after: Day = ""
    time_zone: str = Field("UTC", max_length=64)
    confirm: bool = True
    keys: bool = True
    timeout_ms: int = Field(5000, ge=1000, le=30_000)
    attempts: int = Field(3, ge=1, le=10)
    sentences: CaptureSentences = CaptureSentences()

    @property
    def takes_digits(self) -> bool:
        """Say whether the value can be keyed in."""
        return self.keys and self.type in KEYED

    @classmethod
    def faults(cls, node: Bare, *, leads_on: bool) -> Iterator[Fault]:
        """Yield the faults of a node that captures, and of the keys that are edges there too."""
        data, at = node.data or {}, node.at(cls.field)
        capture: dict[str, Any] = data[cls.field] if isinstance(data[cls.field], dict) else {}
        if data.get("gather") or data.get("transfer") or data.get("send_digits"):
            yield (
                at,
                "A node that captures a value neither gathers digits, sends digits nor transfers the call.",
            )
        yield from missing_way(node, cls.field, Happening.CAPTURED, "A node that captures a value")
        yield from _bounds_faults(node, capture)
        zone = capture.get("time_zone", "UTC")
        if isinstance(zone, str) and zone_of(zone) is None:
            yield node.at(cls.field, "time_zone"), NO_TIME_ZONE
        yield from _key_faults(node, capture)


def _bounds_faults(node: Bare, capture: dict[str, Any]) -> Iterator[Fault]:
    for low, high, read in (("minimum", "maximum", float), ("not_before", "not_after", date.fromisoformat)):
        if _is_above(capture.get(low), capture.get(high), read):
            yield node.at(Capture.field, high), f"The `{high}` must not be below the `{low}`."


def _is_above(first: Any, last: Any, read: Callable[[Any], Any]) -> bool:
    try:
        return bool(read(first) > read(last))
    except (TypeError, ValueError, OverflowError):
        return False  # No bound, or a fault of form.


def _key_faults(node: Bare, capture: dict[str, Any]) -> Iterator[Fault]:
    if capture.get("keys") is False:
        return
    takes_digits = capture.get("type") in KEYED
    for way in node.ways:
        key = way.text("dtmf")
        if key in ("*", "#") or (key and takes_digits):
            yield (
                way.at("dtmf"),
                "A node that captures a value takes this key itself: choose another, or set `keys` to false.",
            )
