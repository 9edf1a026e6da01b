"""What can be wrong in the document of a tool whose form is right."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from offhook.addresses import AddressPolicy, UnsafeAddressError
from offhook.dialable import is_dialable
from offhook.headers import carries_secret, is_name, is_reserved, is_value
from offhook.tools.forms import (
    HttpApiDefinition,
    McpDefinition,
    ToolDefinition,
    ToolParameter,
    TransferCallDefinition,
)
from offhook.workflows.templates import PLACEHOLDER

Found: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where in the document it is, and what to do about it."""

_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_KINDS = {"string": (str,), "number": (int, float), "integer": (int,)}


def form_problems(definition: ToolDefinition, addresses: AddressPolicy) -> Iterator[Found]:
    """Yield all of them."""
    match definition:
        case TransferCallDefinition():
            yield from _transfer_problems(definition)
        case HttpApiDefinition():
            yield from _url_problems(definition.url, addresses)
            yield from _header_problems(definition.headers)
            yield from _body_problems(definition)
            yield from _parameter_problems(definition)
        case McpDefinition():
            yield from _server_problems(definition.url, addresses)


def _transfer_problems(definition: TransferCallDefinition) -> Iterator[Found]:
    if "{{" not in definition.destination and not is_dialable(definition.destination):
        yield ("destination",), "Give a number in E.164, such as +14155550100, a sip: URI, or a template."
    elif _has_loose_braces(definition.destination):
        yield ("destination",), "A placeholder is written {{path}}."


def _url_problems(url: str, addresses: AddressPolicy) -> Iterator[Found]:
    authority = _AUTHORITY.match(url)
    if authority is None or "{" in authority[0] or "}" in authority[0]:
        yield ("url",), "Begin with https:// and a host, without a placeholder up to the path."
    elif _has_loose_braces(url):
        yield ("url",), "A placeholder is written {{path}}."
    else:
        yield from _address_problems(_filled(url), addresses)


def _server_problems(url: str, addresses: AddressPolicy) -> Iterator[Found]:
    if "{{" in url:
        yield ("url",), "The address of a server has no placeholders."
    else:
        yield from _address_problems(url, addresses)


def _address_problems(url: str, addresses: AddressPolicy) -> Iterator[Found]:
    try:
        addresses.check_url(url)
    except UnsafeAddressError as unsafe:
        yield ("url",), unsafe.detail


def _header_problems(headers: dict[str, str]) -> Iterator[Found]:
    if len({name.lower() for name in headers}) < len(headers):
        yield ("headers",), "A header is named twice."
    for name, value in headers.items():
        if not is_name(name) or is_reserved(name):
            yield ("headers",), "A header's name is none, or one that only we can set."
        elif carries_secret(name):
            yield ("headers",), "Store what shows who asks as a credential, and name that instead."
        elif not is_value(_filled(value)):
            yield ("headers",), "A header's value is printable ASCII, without space at its ends."


def _body_problems(definition: HttpApiDefinition) -> Iterator[Found]:
    template = definition.body_template
    if template is None:
        return
    if definition.method in ("GET", "DELETE"):
        yield ("body_template",), f"A {definition.method} has no body."
    elif not _is_json(template):
        yield ("body_template",), 'The body is JSON, and its placeholders stand in texts: {"day": "{{day}}"}.'


def _parameter_problems(definition: HttpApiDefinition) -> Iterator[Found]:
    yield from _repeated("parameters", [each.name for each in definition.parameters])
    presets = [each.name for each in definition.preset_parameters]
    yield from _repeated("preset_parameters", presets)
    for index, parameter in enumerate(definition.parameters):
        if parameter.name in presets:
            yield (
                ("parameters", index, "name"),
                "A preset parameter has this name: the model must not set it.",
            )
        yield from _value_problems(index, parameter)


def _value_problems(index: int, parameter: ToolParameter) -> Iterator[Found]:
    if parameter.items is not None and parameter.type != "array":
        yield ("parameters", index, "items"), "Only an array has items."
    kinds = _KINDS.get(parameter.type, ())
    if any(not isinstance(value, kinds) for value in parameter.enum or ()):
        yield ("parameters", index, "enum"), f"Its values must be of the type {parameter.type}."


def _repeated(field: str, names: Sequence[str]) -> Iterator[Found]:
    if len(set(names)) < len(names):
        yield (field,), "Two parameters have the same name."


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _filled(template: str) -> str:
    return PLACEHOLDER.sub("x", template)


def _has_loose_braces(template: str) -> bool:
    rest = _filled(template)
    return "{{" in rest or "}}" in rest
