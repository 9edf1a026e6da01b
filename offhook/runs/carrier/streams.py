"""Agent Stream: how a provider's address, and the `start` message that follows, name a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from offhook.json_types import JsonObject, JsonValue
from offhook.runs.carrier.reports import CallDetails
from offhook.telephony.ports import CarrierAccount


class StreamForm(StrEnum):
    """The three published ways to name a call."""

    INLINE = "a"
    """An API key authorises; the carrier's credentials come along, or the stored ones of an account are used."""
    ACCOUNT = "b"
    """The agent's UUID is the secret; the stored credentials are found by the account."""
    PROVIDER = "c"
    """As `ACCOUNT`, with the provider in the path, and everything else in the `start` message."""


class StreamStart(Protocol):
    """The `start` message of a media stream; `session` is the carrier's REST id of the call."""

    @property
    def stream_sid(self) -> str: ...
    @property
    def call_sid(self) -> str: ...
    @property
    def account_sid(self) -> str: ...
    @property
    def session(self) -> str | None: ...
    @property
    def caller(self) -> str: ...
    @property
    def called(self) -> str: ...
    @property
    def context(self) -> str: ...
    @property
    def custom_parameters(self) -> Mapping[str, JsonValue]: ...
    @property
    def tracks(self) -> tuple[str, ...]: ...
    @property
    def media_format(self) -> JsonObject: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedCall:
    """A call that comes in on an Agent Stream; `account` is named as our configurations name it.

    The carrier is asked for the call where it `must_be_confirmed`.
    """

    account: str
    call_id: str
    must_be_confirmed: bool
    details: CallDetails


Parameters: TypeAlias = Mapping[str, str]
"""Of an address's query; empty ones are left out."""


class StreamDialect(Protocol):
    """How one provider names calls on Agent Streams. Both methods raise InvalidInputError for what is missing."""

    title: str
    """What people call the provider."""

    def read_account(self, form: StreamForm, parameters: Parameters) -> CarrierAccount | str | None:
        """Return the credentials that an address brings along, never to be stored or logged, or the account it names.

        None where only the `start` message names it.
        """

    def read_call(self, form: StreamForm, parameters: Parameters, start: StreamStart) -> StreamedCall:
        """Return the call."""
