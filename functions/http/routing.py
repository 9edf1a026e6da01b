"""Routes as they are read: each stands on its method, whose name names the operation and whose docstring sums it up."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, ClassVar, Generic, TypeVar, cast

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from functions.http.authentication import SECURITY_SCHEMES, guarded_route
from functions.http.errors import MEDIA_TYPE, title_of
from functions.http.idempotency.once import KEY_HEADER, KEY_PATTERN, Once
from functions.http.invalid import UNKNOWN_FIELD_HINT
from functions.http.json_body import CSV_TYPE, JSON_TYPE, MAX_BODY_BYTES
from functions.http.secrets import MintedReply, SecretReply, reply_of
from functions.http.services import HttpServices
from offhook.organizations.model import Scope

Endpoint = Callable[..., Any]
EndpointT = TypeVar("EndpointT", bound=Endpoint)
ServicesT = TypeVar("ServicesT", bound=HttpServices)
Replies = Mapping[int | str, dict[str, Any]]

_DECLARED = "offhook_route"
_ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WITH_BODY = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_KEY_PARAMETER = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "A text of your own for this one intent. For 24 hours the same request with the same key is "
    "answered with what was answered first, and nothing is made or dialled again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN},
    "example": "order-1042-reminder",
}

_ETAG = {
    "description": "The state that was shown; send it as If-Match to change nothing newer.",
    "schema": {"type": "string"},
    "example": '"3"',
}


class Routes(Generic[ServicesT]):
    """The routes of one noun: its methods that stand below a `@get`, `@post` and so on, in their order."""

    tag: ClassVar[str]
    unknown_field_hint: ClassVar[str] = UNKNOWN_FIELD_HINT

    def __init__(self, services: ServicesT) -> None:
        self._services = services

    @property
    def services(self) -> ServicesT:
        """What the routes are bound to."""
        return self._services

    def router(self) -> APIRouter:
        """Return the routes, bound to their services."""
        router = APIRouter(tags=[self.tag])
        for name, method in vars(type(self)).items():
            declared = getattr(method, _DECLARED, None)
            if isinstance(declared, Declared):
                declared.add_to(router, self.endpoint(name), self)
        return router

    def endpoint(self, name: str) -> Endpoint:
        """Return a method, bound to its services, as its route calls it."""
        return cast(Endpoint, getattr(self, name))


class Declared(ABC):
    """Stands above a method and makes it a route."""

    __slots__ = ()

    def __call__(self, endpoint: EndpointT) -> EndpointT:
        setattr(endpoint, _DECLARED, self)
        return endpoint

    @abstractmethod
    def add_to(self, router: APIRouter, endpoint: Endpoint, routes: Routes[Any]) -> None:
        """Add the route of a bound method, one of these routes."""


@dataclass(frozen=True, slots=True)
class GuardedRoute(Declared):
    """Declares its method as a route that asks for a key with `scope`, or for any; `problems` are those that not every one has.

    A path with a variable may lead nowhere, which needs no saying. A route with `new_id` makes something, and makes it
    once for an Idempotency-Key: its method takes a `NewThing` and uses the id in it. `dedupe_field` names the field of
    the body that may stand in for the header. `other_replies` are successes beside the one that `status` names. A route
    with `csv_example` takes CSV such as that, and reads it off the request itself; `response_class` answers something else
    than JSON.
    """

    method: str
    path: str
    scope: Scope | None
    status: HTTPStatus = HTTPStatus.OK
    problems: Sequence[HTTPStatus] = ()
    other_replies: Replies = field(default_factory=dict)
    has_etag: bool = False
    new_id: Callable[[datetime], str] | None = None
    dedupe_field: str | None = None
    csv_example: str | None = None
    response_class: type[Response] = JSONResponse

    def add_to(self, router: APIRouter, endpoint: Endpoint, routes: Routes[Any]) -> None:
        once = self._once(endpoint, routes.services)
        router.add_api_route(
            self.path,
            endpoint,
            methods=[self.method],
            status_code=self.status,
            response_class=self.response_class,
            responses={
                **self.other_replies,
                **({self.status: {"headers": {"ETag": _ETAG}}} if self.has_etag else {}),
                **problem_responses([*_ALWAYS, *self._own_problems()]),
            },
            openapi_extra={
                "security": [{name: []} for name in SECURITY_SCHEMES],
                # Only OAuth2 schemes can name scopes in "security" itself.
                **({"x-required-scope": self.scope.value} if self.scope else {}),
                **({"parameters": [_KEY_PARAMETER]} if self.new_id else {}),
                **({"requestBody": csv_body(self.csv_example)} if self.csv_example else {}),
            },
            route_class_override=guarded_route(
                routes.services,
                self.scope,
                routes.unknown_field_hint,
                once,
                media_type=CSV_TYPE if self.csv_example else JSON_TYPE,
            ),
        )

    def _own_problems(self) -> list[HTTPStatus]:
        return [
            *self.problems,
            *(_WITH_BODY if self.method in ("POST", "PUT", "PATCH") else ()),
            *((HTTPStatus.CONFLICT,) if self.new_id else ()),
            *((HTTPStatus.NOT_FOUND,) if "{" in self.path else ()),
        ]

    def _once(self, endpoint: Endpoint, services: HttpServices) -> Once | None:
        if self.new_id is None:
            return None
        reply = reply_of(endpoint)
        return Once(
            services=services,
            new_id=self.new_id,
            dedupe_field=self.dedupe_field,
            secret_fields=reply.secret_fields if issubclass(reply, SecretReply) else (),
            is_minted=issubclass(reply, MintedReply),
        )


get = partial(GuardedRoute, "GET")
post = partial(GuardedRoute, "POST")
put = partial(GuardedRoute, "PUT")
patch = partial(GuardedRoute, "PATCH")
delete = partial(GuardedRoute, "DELETE")


def retyped(endpoint: Endpoint, types: Mapping[type, Any]) -> Endpoint:
    """Return the endpoint with others in place of these types in its signature, for what is made of that."""
    signature = inspect.signature(endpoint)

    def other(annotation: Any) -> Any:
        return next((new for old, new in types.items() if annotation is old), annotation)

    @wraps(endpoint)
    def call(*args: Any, **kwargs: Any) -> Any:
        return endpoint(*args, **kwargs)

    parameters = [each.replace(annotation=other(each.annotation)) for each in signature.parameters.values()]
    call.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=parameters, return_annotation=other(signature.return_annotation)
    )
    return call


def csv_body(example: str) -> dict[str, Any]:
    """Return the declaration of a body that is CSV."""
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_BODY_BYTES}
    return {"required": True, "content": {CSV_TYPE: {"schema": schema, "example": example}}}


def problem_responses(statuses: Sequence[HTTPStatus]) -> dict[int | str, dict[str, Any]]:
    """Return the declarations of problems with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        int(status): {"description": title_of(status), "content": content} for status in sorted({*statuses})
    }
