"""What a schema can't say of a valid request, and what tells nothing new, for Schemathesis (SCHEMATHESIS_HOOKS)."""

import json
import os
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.openapi.checks import RejectedPositiveData

from functions.http.idempotency.once import KEY_HEADER, KEY_PATTERN
from functions.runs.waiting import MAX_WAIT_S

_NO_LINE = ("telephony-not-configured", "caller-number-not-configured")
_WAITS = {str(seconds) for seconds in range(MAX_WAIT_S + 1)}
# The ids of things that exist, as JSON by the names of path parameters. With them, what is alike is sent once.
_things: dict[str, str] = json.loads(os.environ.get("OFFHOOK_FUZZED_THINGS", "{}"))
_STAYING = {"agent_uuid", "workflow_id"}
_CREDENTIALS = {"x-api-key", "authorization"}
_sent: set[str] = set()


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
def filter_case(_context: schemathesis.HookContext, case: "schemathesis.Case[Any]") -> bool:
    """Leave out of the coverage phase what tells nothing that another request doesn't tell.

    Undocumented methods are those of tests/unit/test_openapi.py.
    """
    data = case.meta.phase.data if case.meta else None
    if not _things or not isinstance(data, CoveragePhaseData):
        return True
    if data.scenario is CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return False
    if data.parameter_location is ParameterLocation.HEADER and _is_unread(case, data):
        return _is_new(data.scenario)
    return not _is_told_alone(case, data) and _is_new(_request(case)) and _is_new(*_parameters(case, data))


def _is_unread(case: "schemathesis.Case[Any]", data: CoveragePhaseData) -> bool:
    """Say whether what is wrong is a header of no meaning, or the type of a body that no operation reads."""
    return data.scenario is CoverageScenario.OBJECT_UNEXPECTED_PROPERTIES or (
        data.scenario is CoverageScenario.MALFORMED_CONTENT_TYPE and not case.operation.body
    )


def _is_new(*keys: object) -> bool:
    """Say whether one of these is seen for the first time, or there are none."""
    new = {json.dumps(key, sort_keys=True, default=repr) for key in keys} - _sent
    _sent.update(new)
    return bool(new) or not keys


def _is_told_alone(case: "schemathesis.Case[Any]", data: CoveragePhaseData) -> bool:
    """Say whether a wrong parameter comes with all others, of which any may be why it is refused.

    It also comes without those that may be left out, and then its name stands before what is wrong with it.
    """
    groups: dict[ParameterLocation | None, Any] = {
        ParameterLocation.QUERY: case.operation.query,
        ParameterLocation.HEADER: case.operation.headers,
    }
    optional = [each.name for each in groups.get(data.parameter_location, ()) if not each.is_required]
    return (
        len(optional) > 1
        and data.parameter in optional
        and _is_wrong(case)
        and not data.description.startswith(f"{data.parameter}: ")
    )


def _is_wrong(case: "schemathesis.Case[Any]") -> bool:
    return case.meta is not None and case.meta.generation.mode.is_negative


def _request(case: "schemathesis.Case[Any]") -> object:
    """Return what is sent, but for the key, which is always the same, and what is left out before it is sent."""
    headers = {
        name.lower(): value
        for name, value in (case.headers or {}).items()
        if name.lower() not in _CREDENTIALS
        and not (name == KEY_HEADER and re.search(KEY_PATTERN, str(value)))
    }
    return [case.method, case.formatted_path, case.query, headers, case.media_type, case.body]


def _parameters(case: "schemathesis.Case[Any]", data: CoveragePhaseData) -> list[object]:
    """Return what is new of a parameter: what its schema is tried with, or how it is wrong in this operation, or that it is good."""
    operation = case.operation
    places: dict[ParameterLocation | None, Any] = {
        ParameterLocation.QUERY: (operation.query, case.query),
        ParameterLocation.HEADER: (operation.headers, case.headers),
        ParameterLocation.PATH: (operation.path_parameters, case.path_parameters),
    }
    group, values = places.get(data.parameter_location, ((), {}))
    parameter = next((each for each in group if each.name == data.parameter), None)
    if parameter is None:
        return []
    tried = [parameter.name, parameter.definition.get("schema"), data.scenario]
    if data.scenario is CoverageScenario.INCORRECT_TYPE:
        tried.append((values or {}).get(parameter.name))
    here = [operation.label, data.parameter_location, parameter.name]
    return [tried, [*here, data.scenario if _is_wrong(case) else None]]


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: "schemathesis.Case[Any]", _options: dict[str, Any]
) -> None:
    """Leave a good Idempotency-Key out: it is always the same, and all but its first body would only be told so.

    A good wait is left out too, and what examples and random requests go to is there.
    """
    case.path_parameters.update({name: _things[name] for name in _reaching(case)})
    # Each would wait as long as it asks for, since nothing happens meanwhile.
    if case.query and str(case.query.get("wait", "")) in _WAITS:
        case.query.pop("wait")
    if case.headers and re.search(KEY_PATTERN, str(case.headers.get(KEY_HEADER, ""))):
        case.headers.pop(KEY_HEADER)


def _reaching(case: "schemathesis.Case[Any]") -> set[str]:
    """Return the path parameters that are to name a thing that exists: all that are not themselves what is tried.

    In the coverage phase, which comes after things were deleted, Schemathesis names what it has made; agents stay.
    """
    if case.meta is None or case.meta.is_negative_at(ParameterLocation.PATH):
        return set()
    names = case.path_parameters.keys() & _things.keys()
    data = case.meta.phase.data
    if not isinstance(data, CoveragePhaseData):
        return names
    return names & _STAYING if data.parameter_location is not ParameterLocation.PATH else set()


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
    # Such as "settings -> voice: Incorrect type", "contacts -> Array with invalid items: time_zone: Incorrect type".
    *path, _ = re.split(" -> |: ", data.description)
    return not path or None not in _values(case.body, path)


def _values(value: Any, path: list[str]) -> list[Any]:
    """Return what stands in a body at a path, as descriptions of the coverage phase tell it."""
    if not path:
        return [value]
    name, *others = path
    if name == "Array with invalid items":
        return [each for item in value for each in _values(item, others)] if isinstance(value, list) else []
    return _values(value[name], others) if isinstance(value, dict) and name in value else []


def _has_empty_parameter(response: schemathesis.Response) -> bool:
    """Say whether the query that was sent has one, such as an empty list comes to."""
    query = urlsplit(response.request.url or "").query
    return not all(value for _, value in parse_qsl(query, keep_blank_values=True))
