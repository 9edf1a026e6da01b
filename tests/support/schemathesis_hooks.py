"""What a schema can't say of a valid request, for Schemathesis (SCHEMATHESIS_HOOKS)."""

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.openapi.checks import RejectedPositiveData

from functions.http.once import KEY_HEADER, KEY_PATTERN
from functions.runs.waiting import MAX_WAIT_S

_NO_LINE = ("telephony-not-configured", "caller-number-not-configured")
_WAITS = {str(seconds) for seconds in range(MAX_WAIT_S + 1)}


@schemathesis.serializer("text/csv")
def as_csv(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send a file as it is."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@schemathesis.hook
def map_query(_context: schemathesis.HookContext, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leave the cursor out: only we can make one, and any other is refused, which has tests of its own."""
    if query:
        query.pop("cursor", None)
    return query


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: "schemathesis.Case[Any]", _options: dict[str, Any]
) -> None:
    """Leave a good Idempotency-Key out: it is always the same, and all but its first body would only be told so.

    A good wait is left out too.
    """
    # Each would wait as long as it asks for, since nothing happens meanwhile.
    if case.query and str(case.query.get("wait", "")) in _WAITS:
        case.query.pop("wait")
    if case.headers and re.search(KEY_PATTERN, str(case.headers.get(KEY_HEADER, ""))):
        case.headers.pop(KEY_HEADER)


@schemathesis.hook
def filter_failure(
    _context: schemathesis.HookContext,
    failure: Failure,
    case: "schemathesis.Case[Any]",
    response: schemathesis.Response,
) -> bool:
    """Take a null, or an empty parameter, for what is left out, as the API does, and any body for CSV: that breaks nothing.

    No call can be placed once the organization's numbers are gone, which requests before this one may have seen to.
    """
    if isinstance(failure, RejectedPositiveData) and response.status_code == HTTPStatus.BAD_REQUEST:
        return response.json().get("code") not in _NO_LINE
    if isinstance(failure, AcceptedNegativeData) and _has_empty_parameter(response):
        return False
    data = case.meta.phase.data if case.meta else None
    if isinstance(failure, AcceptedNegativeData) and case.media_type == "text/csv":
        # Whatever is sent is a text there, and which rows of it are numbers, its reply says.
        return False
    if not isinstance(failure, AcceptedNegativeData) or not isinstance(data, CoveragePhaseData):
        return True
    # Such as "settings -> voice: Incorrect type".
    *path, last = data.description.partition(":")[0].split(" -> ")
    holder = case.body
    for name in path:
        holder = holder.get(name) if isinstance(holder, dict) else None
    return not isinstance(holder, dict) or holder.get(last, "?") is not None


def _has_empty_parameter(response: schemathesis.Response) -> bool:
    """Say whether the query that was sent has one, such as an empty list comes to."""
    query = urlsplit(response.request.url or "").query
    return not all(value for _, value in parse_qsl(query, keep_blank_values=True))
