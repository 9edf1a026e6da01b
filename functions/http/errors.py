"""Errors as replies: one table from the errors of the product to statuses, one form for all bodies (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.http.json_body import BodyTooLargeError, BodyTooSlowError, EncodedBodyError, OtherMediaError
from offhook.errors import (
    CarrierError,
    ConflictError,
    EngineError,
    ForbiddenError,
    InProgressError,
    InvalidInputError,
    LimitReachedError,
    NotConfiguredError,
    NotFoundError,
    OffhookError,
    ProtocolError,
    QuotaExceededError,
    StaleError,
    StorageError,
    UnansweredError,
    UnauthenticatedError,
)

MEDIA_TYPE = "application/problem+json"

MAX_ERRORS = 50
"""How many faults a reply tells; the rest is counted: 75,000 unknown fields would be 9 MB."""

# The names of RFC 9110; the standard library learned them with Python 3.13.
_RENAMED = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content",
}


def title_of(status: HTTPStatus) -> str:
    """Return the name of a status, the same on every version of Python."""
    return _RENAMED.get(status, status.phrase)


STATUS_OF_ERROR: Mapping[type[OffhookError], HTTPStatus] = {
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTooSlowError: HTTPStatus.REQUEST_TIMEOUT,
    OtherMediaError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    EncodedBodyError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    StaleError: HTTPStatus.PRECONDITION_FAILED,
    LimitReachedError: HTTPStatus.TOO_MANY_REQUESTS,
    QuotaExceededError: HTTPStatus.PAYMENT_REQUIRED,
    NotConfiguredError: HTTPStatus.BAD_REQUEST,
    UnansweredError: HTTPStatus.GATEWAY_TIMEOUT,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    CarrierError: HTTPStatus.BAD_REQUEST,
    EngineError: HTTPStatus.BAD_GATEWAY,
    ProtocolError: HTTPStatus.BAD_REQUEST,
    OffhookError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_STORAGE_RETRY_AFTER_S = 2
_CHALLENGE = 'Basic realm="Offhook", charset="UTF-8"'
_ROUTER_PROBLEMS = {
    HTTPStatus.NOT_FOUND: ("route-not-found", "There is no such address; /docs lists them all."),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "method-not-allowed",
        "This address does not take that method; the Allow header names those that it takes.",
    ),
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response:
    """Write a problem; `members` that are None are left out."""
    body = {
        # With this type the title is the status's own phrase; `code` is what a program looks at.
        "type": "about:blank",
        "title": title_of(HTTPStatus(status)),
        "status": int(status),
        "detail": detail,
        "code": code,
        **{name: value for name, value in members.items() if value is not None},
    }
    return JSONResponse(body, int(status), headers, MEDIA_TYPE)


def problem_of(error: OffhookError) -> Response:
    """Write the problem that an error of the product stands for."""
    retry_after_seconds = _retry_after_seconds(error)
    headers = {}
    if retry_after_seconds is not None:
        headers["Retry-After"] = str(retry_after_seconds)
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = _CHALLENGE
    if isinstance(error, EncodedBodyError):
        # RFC 7694: so a client learns what it may send.
        headers["Accept-Encoding"] = "gzip"
    if isinstance(error, BodyTooSlowError):
        # The rest of the body may still come, and would be taken for the next request.
        headers["Connection"] = "close"
    errors = _field_errors(error)
    return problem(
        _status(error),
        error.code,
        error.detail,
        headers=headers,
        errors=errors and errors[:MAX_ERRORS],
        errors_left_out=len(errors or ()) - MAX_ERRORS if len(errors or ()) > MAX_ERRORS else None,
        workflow_run_id=getattr(error, "run_id", None),
    )


async def on_offhook_error(_: Request, error: Exception) -> Response:
    """Answer an error of the product."""
    assert isinstance(error, OffhookError)  # noqa: S101 (Starlette's registry is typed for any exception)
    return problem_of(error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router itself refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 (as above)
    status = HTTPStatus(error.status_code)
    code, detail = _ROUTER_PROBLEMS.get(
        status, (title_of(status).lower().replace(" ", "-"), f"{title_of(status)}: {status.description}.")
    )
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        # Starlette names only the methods of the first route that has the address.
        headers = {**(headers or {}), **_allow(request)}
    return problem(status, code, detail, headers=headers)


def _allow(request: Request) -> dict[str, str]:
    path = request.scope["path"]
    found = [(pattern.groups, taken) for pattern, taken in request.app.state.methods if pattern.match(path)]
    # Routes with fewer variables come first: /agents/validate is no agent.
    fewest = min((groups for groups, _ in found), default=0)
    methods = {method for groups, taken in found if groups == fewest for method in taken}
    if "GET" in methods:
        methods.add("HEAD")
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def _status(error: OffhookError) -> HTTPStatus:
    if isinstance(error, CarrierError) and error.retry_after_seconds is not None:
        return HTTPStatus.TOO_MANY_REQUESTS
    return next(STATUS_OF_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_OF_ERROR)


def _retry_after_seconds(error: OffhookError) -> int | None:
    if isinstance(error, CarrierError | LimitReachedError | InProgressError):
        return error.retry_after_seconds
    return _STORAGE_RETRY_AFTER_S if isinstance(error, StorageError) else None


def _field_errors(error: OffhookError) -> list[dict[str, object]] | None:
    if not isinstance(error, InvalidInputError):
        return None
    return [{"loc": list(found.loc), "msg": found.msg, **found.members} for found in error.problems]
