"""The forms of the documents that say what tools do, one for each category."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from offhook.documents import GivenDocument
from offhook.workflows.templates import checked_time_zone

MOST_PARAMETERS = 20
MOST_FUNCTIONS = 64
"""Of an MCP server: what a tool lets agents use at most."""

_Message = Annotated[
    str, Field(max_length=500, description="Said before; a template. Nothing is said without one.")
]
_MessageMeanwhile = Annotated[
    str, Field(max_length=500, description="Said while it runs; a template. Nothing is said without one.")
]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
_TimeZone = Annotated[
    str,
    AfterValidator(checked_time_zone),
    Field(max_length=64, description="Where days and times are meant, such as `Europe/Madrid`."),
]
_CredentialUuid = Annotated[str, Field(min_length=1, max_length=64)]
_Headers = Annotated[
    dict[str, Annotated[str, Field(max_length=1024)]], Field(default_factory=dict, max_length=20)
]


class _Definition(GivenDocument):
    model_config = ConfigDict(strict=True)


class ToolParameter(_Definition):
    """What the language model fills in; `enum` lists the values that it may take, `items` the type of a list's members."""

    name: _Name
    type: Literal["string", "number", "integer", "boolean", "object", "array"] = "string"
    description: str = Field(default="", max_length=500)
    required: StrictBool = False
    enum: list[Annotated[StrictStr, Field(max_length=200)] | StrictInt | StrictFloat] | None = Field(
        default=None, min_length=1, max_length=50
    )
    items: Literal["string", "number", "integer", "boolean", "object"] | None = None


class PresetParameter(_Definition):
    """What the language model neither sees nor changes: a template, filled in for each call."""

    name: _Name
    value_template: str = Field(max_length=1000)
    required: StrictBool = Field(default=False, description="Without a value, nothing is sent.")


class HttpApiDefinition(_Definition):
    """A request to somebody's HTTP API. `url`, header values and `body_template` may hold placeholders.

    What stands in none of them goes into the query of a GET or DELETE, and into the JSON body of all else.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    url: str = Field(min_length=1, max_length=2000, description="Scheme and host are fixed text.")
    headers: _Headers
    credential_uuid: _CredentialUuid | None = None
    parameters: list[ToolParameter] = Field(default_factory=list, max_length=MOST_PARAMETERS)
    preset_parameters: list[PresetParameter] = Field(default_factory=list, max_length=MOST_PARAMETERS)
    timeout_ms: StrictInt = Field(default=5000, ge=500, le=10_000)
    body_template: str | None = Field(
        default=None,
        max_length=8000,
        description="JSON with placeholders inside its texts; a text that is one placeholder takes its value's type.",
    )
    message: _MessageMeanwhile = ""
    idempotent: StrictBool = Field(
        default=False,
        description="Whether the same request may be sent twice; each then carries an Idempotency-Key.",
    )


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


class HandoffDefinition(_Definition):
    """Another agent of the organization that goes on with the call."""

    agent_uuid: str = Field(min_length=1, max_length=64)
    message: _Message = ""


class CalculatorDefinition(_Definition):
    """Arithmetic, in decimal numbers."""


class ScheduleCallbackDefinition(_Definition):
    """A call-back that the caller wants: to their own number, by the same agent, when this call is over."""

    time_zone: _TimeZone
    message: _MessageMeanwhile = ""


class McpDefinition(_Definition):
    """The tools of a remote MCP server, over streamable HTTP; a node may offer fewer of them (`mcp_tool_filters`)."""

    url: str = Field(min_length=1, max_length=2000)
    credential_uuid: _CredentialUuid | None = None
    tools_filter: list[Annotated[str, Field(min_length=1, max_length=128)]] = Field(
        default_factory=list,
        max_length=MOST_FUNCTIONS,
        description="Names of the server's tools that agents may use; all without any.",
    )
    timeout_ms: StrictInt = Field(default=5000, ge=500, le=10_000)
    message: _MessageMeanwhile = ""


ToolDefinition = (
    HttpApiDefinition
    | McpDefinition
    | TransferCallDefinition
    | HandoffDefinition
    | EndCallDefinition
    | CalculatorDefinition
    | ScheduleCallbackDefinition
)
