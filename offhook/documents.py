"""Documents that come in from outside: null stands for what is left out, and faults are told in sentences for people."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

# Pydantic speaks to programmers of Python. Its error types: https://docs.pydantic.dev/latest/errors/validation_errors/
_SENTENCES: Mapping[str, str] = {
    "missing": "This field is required.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "dict_type": "This must be an object.",
    "list_type": "This must be a list.",
    "tuple_type": "This must be a list.",
    "string_type": "This must be a text, in quotes.",
    "string_pattern_mismatch": "This does not have the form that is asked for; /docs shows it.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "finite_number": "This must be a number that is not infinite.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "literal_error": "This must be one of: {expected}.",
    "enum": "This must be one of: {expected}.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be at most {le}.",
    "timezone_aware": "Write the time zone with the instant, such as 2027-01-31T00:00:00Z.",
    "extra_forbidden": "This field is not known here.",
}
_INSTANT = "Write the instant as text with a time zone, such as 2027-01-31T00:00:00Z."
_MARK_OF_OUR_SENTENCES = "Value error, "


class GivenDocument(BaseModel):
    """A document of a client: what is not known is refused, since it would have no effect.

    Null means what leaving out means: clients write it for what they have not.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        return {name: value for name, value in document.items() if value is not None}


def examples(*documents: Any) -> ConfigDict:
    """Return the configuration of a document that is shown by these, in the OpenAPI document and in lists of such."""
    return ConfigDict(json_schema_extra={"examples": [*documents]})


def parts_of(thing: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by their names, for a document that shows them and more."""
    return {each.name: getattr(thing, each.name) for each in fields(thing)}


def sentence(fault: Mapping[str, Any]) -> str:
    """Say what is wrong: `fault` is one of pydantic's `ValidationError.errors()`; the value itself is never repeated."""
    kind, limits = str(fault["type"]), fault.get("ctx", {})
    if kind.startswith(("string_too", "too_")):
        return _length(kind, limits)
    if kind.startswith(("datetime", "date_")):
        return _INSTANT
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(limits)
    return _ended(str(fault["msg"]).removeprefix(_MARK_OF_OUR_SENTENCES))


def _length(kind: str, limits: Mapping[str, Any]) -> str:
    least, most = limits.get("min_length"), limits.get("max_length")
    if least == 1:
        return "This must not be empty."
    what = "characters" if kind.startswith("string") else "entries"
    return (
        f"This must have at least {least} {what}."
        if most is None
        else f"This must have at most {most} {what}."
    )


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
