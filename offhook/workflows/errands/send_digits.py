"""Pressing keys on the caller's line."""

import re
from collections.abc import Iterator
from typing import ClassVar

from offhook.vocabulary import Happening
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands.errand import Errand, missing_way, other_ways

MOST_DIGITS_CHARACTERS = 256
"""The longest template of digits."""

_DIGITS = re.compile(r"[0-9*#A-Da-dwW]{1,64}")


class SendDigits(Errand):
    """Keys to press, a template; `w` is half a second of waiting."""

    field: ClassVar = "send_digits"
    deed: ClassVar = "send digits"
    happenings: ClassVar = (Happening.DIGITS_SENT,)
    leads_away: ClassVar = True

    digits: str

    @classmethod
    def faults(cls, node: Bare, *, leads_on: bool) -> Iterator[Fault]:
        """Yield the faults of a node that sends digits."""
        data, at = node.data or {}, node.at(cls.field)
        digits = data[cls.field]
        if data.get("gather") or data.get("transfer"):
            yield at, "A node that sends digits neither transfers the call nor gathers digits."
        if isinstance(digits, str) and "{{" not in digits and not _DIGITS.fullmatch(digits):
            yield (
                at,
                "Digits are up to 64 of 0 to 9, *, #, A to D, and w for half a second of waiting, or a template.",
            )
        yield from missing_way(node, cls.field, Happening.DIGITS_SENT, "A node that sends digits")
        yield from other_ways(node, Happening.DIGITS_SENT, "sent digits")
