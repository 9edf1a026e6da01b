"""Gathering the keys that the caller presses."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from offhook.vocabulary import Happening
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands.errand import Errand, missing_way


class Gather(Errand):
    """Keys to gather into a variable, until there are `num_digits`, or `finish_on`, or none for `timeout_ms`."""

    field: ClassVar = "gather"
    deed: ClassVar = "gather digits"
    happenings: ClassVar = (Happening.DIGITS_GATHERED, Happening.DIGITS_MISSING)

    variable: str = Field(min_length=1, max_length=64)
    num_digits: int | None = Field(None, ge=1, le=32)
    finish_on: Literal["#", "*", ""] = "#"
    timeout_ms: int = Field(5000, ge=1000, le=30_000)

    @classmethod
    def faults(cls, node: Bare, *, leads_on: bool) -> Iterator[Fault]:
        """Yield the faults of a node that gathers, and of the keys that are edges there too."""
        gather = (node.data or {})[cls.field]
        finish_on = gather.get("finish_on", "#") if isinstance(gather, dict) else "#"
        yield from missing_way(node, cls.field, Happening.DIGITS_GATHERED, "A node that gathers digits")
        for way in node.ways:
            key = way.text("dtmf")
            if key and (key.isdigit() or key == finish_on):
                yield (
                    way.at("dtmf"),
                    "A node that gathers digits takes this key as one of them: choose * or # where that does not finish.",
                )
