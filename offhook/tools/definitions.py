"""The documents that say what tools do, one form for each category."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, ValidationError

from offhook.addresses import AddressPolicy, UnsafeAddressError
from offhook.dialable import is_dialable
from offhook.documents import GivenDocument, sentence
from offhook.errors import FieldProblem, InvalidInputError
from offhook.headers import carries_secret, is_name, is_reserved, is_value
from offhook.json_types import JsonObject
from offhook.tools.model import ToolCategory

_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")
_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)

_Message = Annotated[
    str, Field(max_length=500, description="Said before; a template. Nothing is said without one.")
]


class _Definition(GivenDocument):
    model_config = ConfigDict(strict=True)


class ToolParameter(_Definition):
    """What the language model fills in."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    type: Literal["string", "number", "boolean", "object", "array"] = "string"
    description: str = Field(default="", max_length=500)
    required: StrictBool = False


class HttpApiDefinition(_Definition):
    """A request to somebody's HTTP API. `url`, header values and `body_template` may hold placeholders."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    url: str = Field(min_length=1, max_length=2000, description="Scheme and host are fixed text.")
    headers: dict[str, Annotated[str, Field(max_length=1024)]] = Field(default_factory=dict, max_length=20)
    credential_uuid: str | None = Field(default=None, min_length=1, max_length=64)
    parameters: list[ToolParameter] = Field(default_factory=list, max_length=20)
    timeout_ms: StrictInt = Field(default=5000, ge=500, le=10_000)
    body_template: str | None = Field(default=None, max_length=8000)


class EndCallDefinition(_Definition):
    """The end of the call."""

    message: _Message = ""


class TransferCallDefinition(_Definition):
    """Another party that takes the call over."""

    destination: str = Field(
        min_length=1, max_length=400, description="A number in E.164, a sip: URI, or a template of one."
    )
    timeout_seconds: StrictInt = Field(default=30, ge=5, le=120)
    message: _Message = ""


ToolDefinition = HttpApiDefinition | EndCallDefinition | TransferCallDefinition

_FORMS: dict[ToolCategory, type[ToolDefinition]] = {
    ToolCategory.HTTP_API: HttpApiDefinition,
    ToolCategory.END_CALL: EndCallDefinition,
    ToolCategory.TRANSFER_CALL: TransferCallDefinition,
}


def read_definition(category: ToolCategory, document: JsonObject, addresses: AddressPolicy) -> JsonObject:
    """Return the document with its defaults filled in; raise InvalidInputError that names each problem in it."""
    try:
        definition = _FORMS[category].model_validate(document)
    except ValidationError as error:
        problems = [_problem(found["loc"], sentence(found)) for found in error.errors(include_input=False)]
        raise _invalid(problems) from None
    problems = list(_problems(definition, addresses))
    if problems:
        raise _invalid(problems)
    return definition.model_dump(mode="json")


def _problems(definition: ToolDefinition, addresses: AddressPolicy) -> Iterator[FieldProblem]:
    if isinstance(definition, TransferCallDefinition):
        yield from _transfer_problems(definition)
    if isinstance(definition, HttpApiDefinition):
        yield from _url_problems(definition.url, addresses)
        yield from _header_problems(definition.headers)
        yield from _request_problems(definition)


def _transfer_problems(definition: TransferCallDefinition) -> Iterator[FieldProblem]:
    if "{{" not in definition.destination and not is_dialable(definition.destination):
        yield _problem(
            ("destination",), "Give a number in E.164, such as +14155550100, a sip: URI, or a template."
        )
    elif _has_loose_braces(definition.destination):
        yield _problem(("destination",), "A placeholder is written {{path}}.")


def _url_problems(url: str, addresses: AddressPolicy) -> Iterator[FieldProblem]:
    authority = _AUTHORITY.match(url)
    if authority is None or "{" in authority[0] or "}" in authority[0]:
        yield _problem(("url",), "Begin with https:// and a host, without a placeholder up to the path.")
    elif _has_loose_braces(url):
        yield _problem(("url",), "A placeholder is written {{path}}.")
    else:
        try:
            addresses.check_url(_filled(url))
        except UnsafeAddressError as unsafe:
            yield _problem(("url",), unsafe.detail)


def _header_problems(headers: dict[str, str]) -> Iterator[FieldProblem]:
    if len({name.lower() for name in headers}) < len(headers):
        yield _problem(("headers",), "A header is named twice.")
    for name, value in headers.items():
        if not is_name(name) or is_reserved(name):
            yield _problem(("headers",), "A header's name is none, or one that only we can set.")
        elif carries_secret(name):
            yield _problem(("headers",), "Store what shows who asks as a credential, and name that instead.")
        elif not is_value(_filled(value)):
            yield _problem(("headers",), "A header's value is printable ASCII, without space at its ends.")


def _request_problems(definition: HttpApiDefinition) -> Iterator[FieldProblem]:
    if definition.body_template is not None and definition.method in ("GET", "DELETE"):
        yield _problem(("body_template",), f"A {definition.method} has no body.")
    if len({parameter.name for parameter in definition.parameters}) < len(definition.parameters):
        yield _problem(("parameters",), "Two parameters have the same name.")


def _filled(template: str) -> str:
    return _PLACEHOLDER.sub("x", template)


def _has_loose_braces(template: str) -> bool:
    rest = _filled(template)
    return "{{" in rest or "}}" in rest


def _problem(loc: tuple[str | int, ...], msg: str) -> FieldProblem:
    return FieldProblem(loc=("definition", *loc), msg=msg)


def _invalid(problems: list[FieldProblem]) -> InvalidInputError:
    where = ".".join(str(part) for part in problems[0].loc)
    more = f" ({len(problems) - 1} more in errors)" if len(problems) > 1 else ""
    return InvalidInputError(f"{where}: {problems[0].msg}{more}", problems=problems)
