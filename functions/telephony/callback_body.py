"""Bodies of the carrier's callbacks, in whichever form they come."""

from urllib.parse import parse_qs

from fastapi import Request

from functions.http.json_body import BoundedRequest, parse_json
from offhook.errors import InvalidInputError

_MAX_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


async def read_fields(request: Request) -> dict[str, object]:
    """Return the fields of a request's body, none for one that has none.

    Raises InvalidInputError for a body that is neither JSON nor a form.
    """
    body = await read_body(request)
    is_form = request.headers.get("content-type", "").lower().startswith(_FORM)
    return _form(body) if is_form else read_json_fields(body)


async def read_body(request: Request) -> bytes:
    """Return a request's body; raise InvalidInputError for one that is too large or comes too slowly."""
    return await BoundedRequest(request.scope, request.receive).body()


def read_json_fields(body: bytes) -> dict[str, object]:
    """Return the fields of a JSON body, none for an empty one; raise InvalidInputError for what is no JSON."""
    value = parse_json(body, has_large_integers=True) if body else None
    if isinstance(value, list) and value:
        # Some carriers send a list with one object.
        value = value[0]
    return dict(value) if isinstance(value, dict) else {}


def _form(body: bytes) -> dict[str, object]:
    try:
        fields = parse_qs(body.decode(), max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise InvalidInputError("The body is not a form.") from None
    return {name: values[0] for name, values in fields.items()}
