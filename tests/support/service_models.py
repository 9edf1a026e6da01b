"""Requests held against what botocore's service models say of them: its own validator knows types and least lengths only."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape


def faults(service: str, operation: str, request: Any) -> list[str]:
    """Return what AWS would refuse in a request: unknown or missing members, types, counts, lengths, patterns, enums."""
    return list(_faults(_input_shape(service, operation), request, operation))


@cache
def _input_shape(service: str, operation: str) -> Shape:
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    assert shape is not None
    return shape


def _faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path)
    elif shape.type_name == "string":
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _number(shape, value, path)
    elif shape.type_name == "boolean" and not isinstance(value, bool):
        yield f"{path} is no boolean"


def _structure(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is no structure"
        return
    yield from (f"{path}.{name} is unknown" for name in value if name not in shape.members)
    yield from (f"{path}.{name} is missing" for name in shape.required_members if name not in value)
    for name, member in shape.members.items():
        if name in value:
            yield from _faults(member, value[name], f"{path}.{name}")


def _list(shape: ListShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is no list"
        return
    yield from _size(shape, len(value), " entries", path)
    for number, entry in enumerate(value):
        yield from _faults(shape.member, entry, f"{path}[{number}]")


def _map(shape: MapShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is no map"
        return
    yield from _size(shape, len(value), " entries", path)
    for name, entry in value.items():
        yield from _faults(shape.key, name, f"{path}'s key")
        yield from _faults(shape.value, entry, f"{path}.{name}")


def _string(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path} is no text"
        return
    yield from _size(shape, len(value), " characters", path)
    if (enum := shape.metadata.get("enum")) and value not in enum:
        yield f"{path} is {value!r}, none of {', '.join(enum)}"
    if (pattern := shape.metadata.get("pattern")) and not re.fullmatch(_in_python(pattern), value):
        yield f"{path} is {value!r}, not of the form {pattern}"


def _number(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{path} is no number"
        return
    yield from _size(shape, value, "", path)


def _size(shape: Shape, size: float, unit: str, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{path} is {size}{unit}, at least {least}"
    if most is not None and size > most:
        yield f"{path} is {size}{unit}, at most {most}"


def _in_python(pattern: str) -> str:
    # Classes of Unicode, which `re` does not have.
    return re.sub(r"\\p\{\w+\}", r"\\w\\s", pattern)
