"""The bodies of the routes for phone numbers, and the public form of a number."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from functions.http.shown import Page, Shown
from functions.telephony.documents import EXAMPLE_CONFIGURATION_ID, Text
from offhook.documents import GivenDocument, examples
from offhook.instants import Instant

_NUMBER_ID = "c2a4f7d6-7a4d-4b2e-9d0a-3b6f1f0e9a55"
_AGENT_UUID = "7b8f9c1e-2f64-4c0d-8a4b-6f1d2e3c4b5a"
_NUMBER: dict[str, Any] = {
    "id": _NUMBER_ID,
    "telephony_configuration_id": EXAMPLE_CONFIGURATION_ID,
    "address": "+14155550100",
    "label": "Front desk",
    "inbound_agent_uuid": _AGENT_UUID,
    "is_default_caller": True,
    "created_at": "2026-03-02T09:31:00.000Z",
    "verified_at": "2026-03-02T09:31:00.000Z",
}

NumberId = Annotated[str, Path(max_length=64, description="`id` of the phone number.", examples=[_NUMBER_ID])]
# For whoever reads the document: what is wrong with an address is said in a sentence of our own.
_ADDRESS_PATTERN = (
    r"^([ ()-]*\+[ ()-]*[1-9]([ ()-]*[0-9]){6,14}[ ()-]*"
    r"|sips?:[A-Za-z0-9._~+-]{1,64}@[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?)$"
)
_Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=400,
        description="In E.164, such as +14155550100, or a sip: URI. "
        "Spaces, hyphens and parentheses within a number are left out.",
        json_schema_extra={"pattern": _ADDRESS_PATTERN},
    ),
]
_AgentUuid = Annotated[str, Field(min_length=1, max_length=64)]


class NewNumber(GivenDocument):
    """A number of the configuration."""

    model_config = examples(
        {"address": "+1 (415) 555-0100", "label": "Front desk", "is_default_caller": True}
    )

    address: _Address
    label: Text | None = None
    inbound_agent_uuid: _AgentUuid | None = Field(default=None, description="Who answers calls to it.")
    is_default_caller: StrictBool = False


class NumberChanges(BaseModel):
    """What is left out stays; null takes it away. A number's address never changes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"label": "Back office", "inbound_agent_uuid": None}]},
    )

    label: Text | None = None
    inbound_agent_uuid: _AgentUuid | None = None
    is_default_caller: StrictBool | None = Field(default=None, description="Stays when left out or null.")

    def given(self) -> dict[str, Any]:
        """Return what changes, by the name of the number's attribute."""
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if (name, value) != ("is_default_caller", None)}


class NumberDocument(Shown):
    """A phone number."""

    model_config = examples(_NUMBER)

    id: str
    telephony_configuration_id: str = Field(validation_alias="configuration_id")
    address: str
    label: str | None
    inbound_agent_uuid: str | None
    is_default_caller: bool
    created_at: Instant | None
    verified_at: Instant | None = Field(
        description="When the carrier last confirmed that the number is yours; its country is open to calls from then on."
    )


class NumberList(Page[NumberDocument]):
    """Phone numbers: the default caller first, then newest first."""
