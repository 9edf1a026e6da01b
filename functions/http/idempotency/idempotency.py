"""What a route that makes something is given: the id of the new thing, and whether a try before may have made it."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from functions.http.idempotency.intent import INTENT_IN_SCOPE, Intent
from offhook.ids import new_uuid


def some_uuid(_: datetime) -> str:
    """Return the id of a new thing that has no order."""
    return new_uuid()


def intent(request: Request) -> Intent:
    """Return the intent of the request; a route that was added without `new_id` has an id all the same."""
    known = request.scope.get(INTENT_IN_SCOPE)
    return known if isinstance(known, Intent) else Intent(resource_id=new_uuid())


NewThing = Annotated[Intent, Depends(intent)]
