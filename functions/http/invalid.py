"""What FastAPI finds wrong with a request, as an error of the product."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from functions.http.errors import problem_of
from offhook.documents import sentence
from offhook.errors import FieldProblem, InvalidInputError

UNKNOWN_FIELD_HINT = "This field is not known here: leave it out, or check its spelling."


def invalid_request(error: RequestValidationError, unknown_field_hint: str) -> InvalidInputError:
    """Translate what FastAPI found wrong, without the values that it found."""
    problems = [_field_problem(found, unknown_field_hint) for found in error.errors()]
    first = problems[0]
    where = ".".join(str(part) for part in first.loc[1:]) or str(first.loc[0])
    more = f" ({len(problems) - 1} more in errors)" if len(problems) > 1 else ""
    return InvalidInputError(f"{where}: {first.msg}{more}", problems=problems)


async def on_invalid_request(_: Request, error: Exception) -> Response:
    """Answer what FastAPI found wrong on a route that is not guarded."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 (as above)
    return problem_of(invalid_request(error, UNKNOWN_FIELD_HINT))


def _field_problem(found: Mapping[str, Any], unknown_field_hint: str) -> FieldProblem:
    loc: Sequence[str | int] = found["loc"]
    if found["type"] == "extra_forbidden":
        return FieldProblem(loc=tuple(loc), msg=unknown_field_hint)
    return FieldProblem(loc=tuple(loc), msg=sentence(found))
