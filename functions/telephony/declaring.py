"""Routes that carriers call: what they take and answer is shown in the words of the carriers' dialects."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from functions.http.routing import Declared, Endpoint, Replies, Routes, problem_responses
from functions.telephony.services import TelephonyServices
from offhook.runs.carrier.dialect import Dialect, Dialects
from offhook.telephony.instructions import HangUp, Instruction

AN_OBJECT = {"type": "object"}


class CarrierRoutes(Routes[TelephonyServices]):
    """Routes that carriers call, without a key: whoever calls is proved in another way."""

    tag = "telephony"

    @property
    def dialects(self) -> Dialects:
        """The dialects of those that call."""
        return self._services.dialects

    def endpoint_name(self, name: str) -> str:
        """Return what the document makes the operation's name of."""
        return name


class ProviderRoutes(CarrierRoutes):
    """Routes that the carrier of one provider calls."""

    def __init__(self, services: TelephonyServices, dialect: Dialect) -> None:
        super().__init__(services)
        self._dialect = dialect

    @property
    def dialects(self) -> Dialects:
        return Dialects([self._dialect])

    def endpoint_name(self, name: str) -> str:
        """Return what the document makes the operation's name of: the first provider's is the method's alone."""
        is_first = self._dialect.provider == self._services.dialects.default.provider
        return name if is_first else f"{name}_{self._dialect.provider}"


@dataclass(frozen=True, slots=True)
class Told(Declared):
    """Declares its method, one of CarrierRoutes, as a POST of carriers, whose provider is `{provider}` in the path.

    `about` names the example of its body among those of a dialect, and `schema` is all that is said of bodies beside it.
    """

    path: str
    replies: Callable[[Dialects], Replies]
    about: str | None = None
    schema: Mapping[str, str] = field(default_factory=dict)
    response_class: type[Response] = JSONResponse

    def add_to(self, router: APIRouter, endpoint: Endpoint, routes: Routes[Any]) -> None:
        assert isinstance(routes, CarrierRoutes)  # noqa: S101 (they alone have such methods)
        body = dict(self._body(routes.dialects))
        router.add_api_route(
            self.path.replace("{provider}", routes.dialects.default.provider),
            endpoint,
            name=routes.endpoint_name(endpoint.__name__),
            methods=["POST"],
            response_class=self.response_class,
            response_model_exclude_none=True,
            responses=dict(self.replies(routes.dialects)),
            openapi_extra={"requestBody": {"content": body}} if body else None,
        )

    def _body(self, dialects: Dialects) -> Iterator[tuple[str, Any]]:
        # Of two that take the same kind of body, the first has the example.
        for dialect in reversed(dialects) if self.about else ():
            for media_type, example in getattr(dialect.examples, self.about or "").items():
                yield media_type, {"schema": self.schema, "example": example}


def instruction_replies(dialects: Dialects) -> Replies:
    """Return what the document says of the replies of a route that only ever instructs."""
    return {
        200: {
            "description": f"A {languages(dialects)} document.",
            "content": instruction_content(dialects),
        },
        # Stands for the 422 of a token that is too long, too, which nobody was given.
        "default": problem_responses([HTTPStatus.SERVICE_UNAVAILABLE])[503],
    }


def instruction_content(dialects: Dialects) -> dict[str, Any]:
    """Return what the document says of a reply that is an instruction."""
    return {
        dialect.media_type: {"schema": {"type": "string"}, "example": dialect.write(HangUp())}
        for dialect in dialects
    }


def languages(dialects: Dialects) -> str:
    """Return what carriers are instructed in, as people call it."""
    return " or ".join(dialect.language for dialect in dialects)


def instruct(dialect: Dialect, instruction: Instruction) -> Response:
    """Answer with an instruction."""
    return Response(dialect.write(instruction), media_type=dialect.media_type)
