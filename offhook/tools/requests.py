"""The request that an HTTP tool makes: its templates filled in with what the model, the author and the call have given."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from offhook.errors import InvalidInputError
from offhook.headers import is_value
from offhook.json_types import JsonObject, JsonValue
from offhook.tools.forms import HttpApiDefinition
from offhook.workflows import TemplateContext, render, render_document
from offhook.workflows.templates import PLACEHOLDER

_WITHOUT_BODY = ("GET", "DELETE")
_DOTS = (".", "..")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest:
    """What is sent; `body` is empty where there is none."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def tool_request(
    definition: HttpApiDefinition, arguments: JsonObject, context: TemplateContext
) -> ToolRequest:
    """Return the request for these arguments; raise InvalidInputError with a sentence for the model.

    What the model was not asked for is left out, and what is preset wins.
    """
    values = _values(definition, arguments, context)
    filled = replace(context, initial={**context.initial, **values})
    url = _url(definition.url, filled)
    rest = {name: value for name, value in values.items() if name not in _names_in(definition.url)}
    headers = {"Accept": "application/json", **_headers(definition.headers, filled)}
    if definition.method in _WITHOUT_BODY:
        return ToolRequest(method=definition.method, url=_with_query(url, rest), headers=headers)
    return ToolRequest(
        method=definition.method,
        url=url,
        headers={"Content-Type": "application/json", **headers},
        body=_body(definition.body_template, rest, filled),
    )


def _values(definition: HttpApiDefinition, arguments: JsonObject, context: TemplateContext) -> JsonObject:
    named = {each.name for each in definition.parameters}
    given = {name: value for name, value in arguments.items() if name in named and value is not None}
    templates: JsonObject = {each.name: each.value_template for each in definition.preset_parameters}
    preset = {
        name: value for name, value in render_document(templates, context).items() if value not in (None, "")
    }
    for each in definition.preset_parameters:
        if each.required and each.name not in preset:
            raise InvalidInputError(f"This call has no {each.name}, which the tool needs: go on without it.")
    return {**given, **preset}


def _url(template: str, context: TemplateContext) -> str:
    """Fill in an address, each value in percent signs, so that it stays within its part of the path or the query."""

    def value_of(found: re.Match[str]) -> str:
        name = found[1].partition("|")[0].strip()
        value = render_document({"value": found[0]}, context)["value"]
        if value in (None, "", *_DOTS) or isinstance(value, dict | list):
            raise InvalidInputError(f"The address of this tool needs a text or a number as {name}.")
        return quote(_text(value), safe="")

    return PLACEHOLDER.sub(value_of, template)


def _headers(templates: Mapping[str, str], context: TemplateContext) -> dict[str, str]:
    filled = {name: render(template, context).strip() for name, template in templates.items()}
    for name, value in filled.items():
        if value and not is_value(value):
            raise InvalidInputError(f"The header {name} of this tool takes plain ASCII only.")
    return {name: value for name, value in filled.items() if value}


def _body(template: str | None, values: JsonObject, context: TemplateContext) -> bytes:
    document = (
        values if template is None else render_document({"body": json.loads(template)}, context)["body"]
    )
    return json.dumps(document, ensure_ascii=False).encode()


def _with_query(url: str, values: JsonObject) -> str:
    if not values:
        return url
    pairs = [(name, _text(each)) for name, value in values.items() for each in _members(value)]
    before, mark, fragment = url.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{urlencode(pairs)}{mark}{fragment}"


def _members(value: JsonValue) -> Sequence[JsonValue]:
    """Return a list's members, each of which is a field of its own in a query; else the value."""
    return value if isinstance(value, list) else [value]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _names_in(url: str) -> set[str]:
    return {found.partition("|")[0].strip() for found in PLACEHOLDER.findall(url)}
