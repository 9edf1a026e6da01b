"""Values that are stored as JSON: each reads itself, whatever it finds there, and writes itself.

Another release may have written what is read. What is missing or of another type reads as nothing (0, "", {} or None),
what is not known is passed over, and a word that a set does not have stays that word.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from enum import EnumType
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Self, TypeAlias, TypeVar, Union, get_args, get_origin

from offhook.json_types import JsonObject, JsonValue

T = TypeVar("T")

Open: TypeAlias = T | str
"""One of a set's words, or one that a newer release has added to the set."""


# Integers above have no exact float, and readers in other languages can't take them.
_LARGEST = 2**53


def _key(name: str) -> str:
    return name.removesuffix("_")


class Stored:
    """A dataclass whose fields are those of a JSON object; `from_` is `from` there.

    A field with a default came later than the others: while it has nothing to say, what is written is as it was before.
    """

    __slots__ = ()
    # How pydantic describes it in a schema.
    __pydantic_config__: ClassVar = {"use_attribute_docstrings": True, "alias_generator": _key}

    @classmethod
    def from_data(cls, data: JsonObject) -> Self:
        """Read what is stored; this fails for nothing."""
        kind: Any = cls
        read: Self = kind(**{field.name: field.read(data.get(field.key)) for field in _fields(kind)})
        return read

    def to_data(self) -> JsonObject:
        """Return what is to be stored, in the order of the fields."""
        kind: Any = type(self)
        values = ((field, getattr(self, field.name)) for field in _fields(kind))
        return {field.key: _written(value) for field, value in values if value != field.default}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    key: str
    default: Any
    read: Callable[[JsonValue], Any]


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    return tuple(
        _Field(name=field.name, key=_key(field.name), default=field.default, read=_reader(field.type))
        for field in fields(kind)
    )


def _reader(hint: Any) -> Callable[[JsonValue], Any]:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    known = [kind for kind in kinds if kind is not NoneType]
    nothing = None if len(known) < len(kinds) else _NOTHING.get(known[0], "")
    sets = [kind for kind in known if isinstance(kind, EnumType)]
    if sets:
        return lambda value: _word(sets, value, nothing)
    (kind,) = known
    if get_origin(kind) is tuple:
        read_one = _reader(get_args(kind)[0])
        return lambda value: tuple(map(read_one, value)) if isinstance(value, list) else ()
    if isinstance(kind, type) and issubclass(kind, Stored):
        return lambda value: kind.from_data(_object(value, nothing))
    read = _READERS[get_origin(kind) or kind]
    return lambda value: read(value, nothing)


def _word(sets: list[EnumType], value: JsonValue, nothing: Any) -> Any:
    if not isinstance(value, str):
        return nothing
    for words in sets:
        with suppress(ValueError):
            return words(value)
    return value


def _text(value: JsonValue, nothing: Any) -> Any:
    return value if isinstance(value, str) else nothing


def _number(value: JsonValue, nothing: Any) -> Any:
    # Neither NaN nor infinity is within the bounds.
    return value if isinstance(value, int | float) and abs(value) <= _LARGEST else nothing


def _whole(value: JsonValue, nothing: Any) -> Any:
    number = _number(value, nothing)
    return number if number is nothing else round(number)


def _truth(value: JsonValue, _: Any) -> Any:
    return bool(value)


def _object(value: JsonValue, _: Any) -> Any:
    return value if isinstance(value, dict) else {}


def _anything(value: JsonValue, _: Any) -> Any:
    return value


_NOTHING: dict[Any, Any] = {int: 0, float: 0.0}
_READERS: dict[Any, Callable[[JsonValue, Any], Any]] = {
    str: _text,
    float: _number,
    int: _whole,
    bool: _truth,
    dict: _object,
    Any: _anything,
}


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    return value.to_data() if isinstance(value, Stored) else value
