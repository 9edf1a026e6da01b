"""What a route that makes something knows about the request's intent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from offhook.errors import NotFoundError
from offhook.ids import new_uuid

ThingT = TypeVar("ThingT")

INTENT_IN_SCOPE = "offhook.intent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The id that the new thing gets; `is_repeated` when an earlier try of the same request may have made it."""

    resource_id: str
    is_repeated: bool = False

    def made_before(self, find: Callable[[str], ThingT]) -> ThingT | None:
        """Return what an earlier try has made, as `find` gives it by its id; None when there is nothing."""
        if not self.is_repeated:
            return None
        try:
            return find(self.resource_id)
        except NotFoundError:
            return None


def some_uuid(_: datetime) -> str:
    """Return the id of a new thing that has no order."""
    return new_uuid()


def intent(request: Request) -> Intent:
    """Return the intent of the request; one without a key has an id of its own."""
    known = request.scope.get(INTENT_IN_SCOPE)
    return known if isinstance(known, Intent) else Intent(resource_id=new_uuid())


NewThing = Annotated[Intent, Depends(intent)]
