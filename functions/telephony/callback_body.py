"""Bodies of the carrier's callbacks, in whichever form they come."""

from urllib.parse import parse_qs

from functions.http.json_body import parse_json
from offhook.errors import InvalidInputError

_MAX_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"
_STATUS_FIELDS = ("status", "CallStatus")


def status_word(body: bytes, content_type: str) -> str | None:
    """Return the carrier's word for the call's status; None where the body has none.

    Raises InvalidInputError for a body that is neither JSON nor a form.
    """
    fields = read_fields(body, content_type)
    words = (fields.get(name) for name in _STATUS_FIELDS)
    return next((word for word in words if isinstance(word, str)), None)


def read_fields(body: bytes, content_type: str) -> dict[str, object]:
    """Return the fields of a body, none for one that has none; raise InvalidInputError as above."""
    return _form(body) if content_type.lower().startswith(_FORM) else read_json_fields(body)


def read_json_fields(body: bytes) -> dict[str, object]:
    """Return the fields of a JSON body, none for an empty one; raise InvalidInputError for what is no JSON."""
    value = parse_json(body, has_large_integers=True) if body else None
    if isinstance(value, list) and value:
        # Some callbacks of Cloudonix are a list with one object.
        value = value[0]
    return dict(value) if isinstance(value, dict) else {}


def _form(body: bytes) -> dict[str, object]:
    try:
        fields = parse_qs(body.decode(), max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise InvalidInputError("The body is not a form.") from None
    return {name: values[0] for name, values in fields.items()}
