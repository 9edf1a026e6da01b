"""What a route that makes something knows about the request's intent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from offhook.errors import NotFoundError

ThingT = TypeVar("ThingT")

INTENT_IN_SCOPE = "offhook.intent"


def _nobody(_: str) -> None:
    """Tell nobody of another id: the request came without a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The id that the new thing gets; `is_repeated` when an earlier try of the same request may have made it.

    `rebind` records that the thing is made under another id, before it is made; it blocks for a network round trip when the
    request has a key.
    """

    resource_id: str
    is_repeated: bool = False
    rebind: Callable[[str], None] = field(default=_nobody, repr=False)

    def made_before(self, find: Callable[[str], ThingT]) -> ThingT | None:
        """Return what an earlier try has made, as `find` gives it by its id; None when there is nothing."""
        if not self.is_repeated:
            return None
        try:
            return find(self.resource_id)
        except NotFoundError:
            return None
