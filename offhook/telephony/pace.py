"""How often a carrier may be asked, and what for first: each provider has a figure of its own."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class RequestKind(StrEnum):
    """What the carrier is asked for; a dial waits before a check does, so that room is left for hang-ups."""

    DIAL = "dial"
    CHECK = "check"
    UNPROVED = "unproved"
    """A check of what anybody can have made up: beside a place as a check, it needs one in a small share of its own."""


# Of ten requests: a check must not wait behind dials, nor a hang-up behind either, and strangers hold up nobody.
_TENTHS = {RequestKind.DIAL: 6, RequestKind.CHECK: 8, RequestKind.UNPROVED: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPace:
    """A provider's own figure: so many requests in any so many seconds, for each account."""

    requests: int
    window_seconds: int

    def places(self, kind: RequestKind) -> int:
        """Return of how many requests in the window one more of this kind may be the last.

        Requests of every kind count for each other, and unproved ones for themselves as well.
        """
        return max(1, self.requests * _TENTHS[kind] // 10)


class PaceName(NamedTuple):
    """What requests are counted under: an account of one provider, as those know it who have its secrets."""

    provider: str
    account: str
