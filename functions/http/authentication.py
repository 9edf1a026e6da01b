"""Who asks: the API key is checked, with its scope, before the body of a request is read."""

import base64
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from functions.http.idempotency.once import Once
from functions.http.invalid import invalid_request
from functions.http.json_body import JSON_TYPE, BoundedRequest
from functions.http.query import check_query, parameter_names
from functions.http.services import HttpServices
from offhook.errors import InvalidInputError, UnauthenticatedError
from offhook.organizations.model import ApiKey, Scope
from offhook.organizations.usecases import authenticate, require_scope

API_KEY_HEADER = "X-API-Key"

SECURITY_SCHEMES = {
    "apiKey": {"type": "apiKey", "in": "header", "name": API_KEY_HEADER, "description": "A key `dg_…`."},
    "basic": {"type": "http", "scheme": "basic", "description": "Any user name, and the key as password."},
}

_KEY_IN_SCOPE = "offhook.api_key"


def caller(request: Request) -> ApiKey:
    """Return the key that the request came with."""
    key = request.scope[_KEY_IN_SCOPE]
    assert isinstance(key, ApiKey)  # noqa: S101 (an ASGI scope is untyped)
    return key


Caller = Annotated[ApiKey, Depends(caller)]


def guarded_route(
    services: HttpServices,
    scope: Scope | None,
    unknown_field_hint: str,
    once: Once | None = None,
    *,
    media_type: str = JSON_TYPE,
) -> type[APIRoute]:
    """Return a class of routes that ask for a key first, with `scope` unless any will do, and look at the body then.

    With `once` the request is carried out once for its Idempotency-Key. A FastAPI dependency would be too late for
    all of this: FastAPI parses the body before it solves dependencies.
    """

    class Guard(APIRoute):
        """Authenticates, checks the body's form, and only then lets FastAPI validate it."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()
            known = parameter_names(self.dependant)
            takes_body = self.body_field is not None

            async def validated(request: Request) -> Response:
                with told_as_invalid(unknown_field_hint, takes_body=takes_body):
                    return await handle(request)

            async def guarded(request: Request) -> Response:
                presented = presented_key(request)
                key = await run_in_threadpool(
                    authenticate, services.organizations, presented, services.clock()
                )
                if scope is not None:
                    require_scope(key, scope)
                request.scope[_KEY_IN_SCOPE] = key
                check_query(request, known)
                bounded = BoundedRequest(request.scope, request.receive)
                await bounded.check(media_type)
                if once is None:
                    return await validated(bounded)
                return await once.answer(bounded, key.organization_id, validated)

            return guarded

    return Guard


@contextmanager
def told_as_invalid(unknown_field_hint: str, *, takes_body: bool) -> Iterator[None]:
    """Tell faults of what was sent as our problem documents do."""
    try:
        yield
    except RequestValidationError as error:
        raise invalid_request(error, unknown_field_hint) from None
    except InvalidInputError as error:
        # A use case names the field; that it came in the body is known here only.
        if takes_body:
            error.within("body")
        raise


def presented_key(request: Request) -> str | None:
    """Return the key in the header, else the Basic password, else None; raise UnauthenticatedError for several."""
    for name in (API_KEY_HEADER, "Authorization"):
        if len(request.headers.getlist(name)) > 1:
            raise UnauthenticatedError(f"Send the header {name} once.")
    return request.headers.get(API_KEY_HEADER) or _basic_password(request.headers.get("Authorization", ""))


def _basic_password(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return None
    return decoded.partition(":")[2]
