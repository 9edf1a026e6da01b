"""The bodies of the tool routes, and the public form of a tool."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from functions.http.shown import Page, Shown
from offhook.documents import GivenDocument, examples
from offhook.instants import Instant
from offhook.tools.forms import ToolDefinition
from offhook.tools.model import Tool, ToolCategory, ToolStatus
from offhook.tools.usecases import ToolForm

_TOOL_UUID = "9f0d3a52-58c1-4d1b-9c6e-2a7d1f4b8e30"
_NEW_TOOL: dict[str, Any] = {
    "name": "look_up_order",
    "description": "Looks an order up by its number and tells when it arrives.",
    "category": "http_api",
    "definition": {
        "method": "GET",
        "url": "https://api.example.com/orders/{{order_number}}",
        "headers": {"Accept": "application/json"},
        "parameters": [
            {
                "name": "order_number",
                "type": "string",
                "description": "The number on the invoice, such as A-991.",
                "required": True,
            }
        ],
        "timeout_ms": 3000,
        "message": "Let me look that up.",
    },
}
_TOOL: dict[str, Any] = {
    "uuid": _TOOL_UUID,
    **_NEW_TOOL,
    "definition": {
        **_NEW_TOOL["definition"],
        "parameters": [{**_NEW_TOOL["definition"]["parameters"][0], "enum": None, "items": None}],
        "preset_parameters": [],
        "credential_uuid": None,
        "body_template": None,
        "idempotent": False,
    },
    "status": "active",
    "created_at": "2026-03-02T09:30:00.000Z",
    "updated_at": "2026-03-02T09:30:00.000Z",
}

ToolUuid = Annotated[str, Path(max_length=64, description="`uuid` of the tool.", examples=[_TOOL_UUID])]

_Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$",
        description="What the language model calls it by; no two active tools have the same.",
    ),
]
_Description = Annotated[
    str,
    Field(
        min_length=1, max_length=1000, description="Tells the language model when to use it, and for what."
    ),
]


class _ShownAsDefinition:
    """Has the OpenAPI document tell the forms of all categories; the use case reads the one that is meant."""

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        forms: TypeAdapter[ToolDefinition] = TypeAdapter(ToolDefinition)
        return handler(forms.core_schema)


_Definition = Annotated[dict[str, Any], _ShownAsDefinition]


class NewTool(GivenDocument):
    """Something that the language model may call."""

    model_config = examples(
        _NEW_TOOL,
        {
            "name": "connect_to_sales",
            "description": "Connects the caller with a person of the sales team.",
            "category": "transfer_call",
            "definition": {"destination": "+14155550100", "message": "One moment, please."},
        },
        {
            "name": "say_goodbye",
            "description": "Ends the call when the caller has nothing more to ask.",
            "category": "end_call",
            "definition": {"message": "Thank you for calling."},
        },
        {
            "name": "calculate",
            "description": "Works out prices, totals and shares.",
            "category": "calculator",
            "definition": {},
        },
        {
            "name": "call_back_later",
            "description": "Has the caller called back at a time that suits them, when this call is over.",
            "category": "schedule_callback",
            "definition": {"time_zone": "Europe/Madrid"},
        },
        {
            "name": "warehouse",
            "description": "What the warehouse's own server can do.",
            "category": "mcp",
            "definition": {
                "url": "https://mcp.example.com/mcp",
                "tools_filter": ["find_stock", "reserve"],
            },
        },
    )

    name: _Name
    description: _Description
    category: ToolCategory
    definition: _Definition

    def form(self) -> ToolForm:
        """Return what it says."""
        return ToolForm(**dict(self))


class ToolChanges(GivenDocument):
    """What is left out or null stays; a definition is given whole."""

    model_config = examples({"description": "Looks an order up and tells when it arrives."})

    name: _Name | None = None
    description: _Description | None = None
    category: ToolCategory | None = None
    definition: _Definition | None = None

    def applied_to(self, tool: Tool) -> ToolForm:
        """Return the tool's form with these changes in it."""
        return ToolForm(
            name=self.name or tool.name,
            description=self.description or tool.description,
            category=self.category or tool.category,
            definition=tool.definition if self.definition is None else self.definition,
        )


class ToolDocument(Shown):
    """A tool."""

    model_config = examples(_TOOL)

    uuid: str
    name: str
    description: str
    category: ToolCategory
    definition: _Definition
    status: ToolStatus
    created_at: Instant
    updated_at: Instant


class ToolList(Page[ToolDocument]):
    """Tools, newest first."""
