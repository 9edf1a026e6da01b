"""How a provider speaks: our instructions in its words, and its words about calls in values of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from offhook.errors import InvalidInputError, NotConfiguredError
from offhook.runs.carrier.reports import CallAnnouncement, Cdr, TransferReport
from offhook.runs.carrier.streams import StreamDialect
from offhook.runs.model import RunStatus
from offhook.telephony.credentials import CredentialFields
from offhook.telephony.instructions import Instruction

Headers: TypeAlias = Mapping[str, str]
"""Of a request; their names in lower case, or found in any case."""

Fields: TypeAlias = Mapping[str, object]
"""Of a request's body: of a JSON object as they are, of a form as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookExamples:
    """Bodies as the carrier posts them, by media type, for the published document."""

    announcement: Mapping[str, Any]
    status: Mapping[str, Any]
    transfer: Mapping[str, Any]
    cdr: Mapping[str, Any]


class Dialect(Protocol):
    """One provider's way to speak; it knows no socket, no clock and no store. It reads whatever comes, and never fails."""

    provider: str
    language: str
    """What the documents are written in, as people call it."""
    media_type: str
    """Of the documents that `write` returns."""
    credentials: CredentialFields
    examples: WebhookExamples
    streams: StreamDialect | None
    """How calls are named on Agent Streams; None for a carrier that opens none."""

    def write(self, instruction: Instruction) -> str:
        """Return the document that tells the carrier to do this."""

    def recognises(self, headers: Headers, fields: Fields) -> bool:
        """Say whether a webhook looks like one of this provider; that it is one must be proved in another way."""

    def shows_key(self, headers: Headers, key: str) -> bool:
        """Say whether a webhook shows the key that the carrier and we have agreed on, compared in constant time."""

    def read_announcement(self, fields: Fields) -> CallAnnouncement:
        """Read the webhook of a call that comes in."""

    def read_status(self, fields: Fields) -> RunStatus | None:
        """Read the report of a call's progress; None for what says nothing, or nothing that we know."""

    def read_transfer(self, fields: Fields) -> TransferReport:
        """Read the report of a transfer: of the call to the other person, of their room, or of the end of PutThrough."""

    def read_cdr(self, fields: Fields) -> Cdr:
        """Read the record of a call that is over."""


class Dialects(tuple[Dialect, ...]):
    """The dialects of the providers that this install has carriers of."""

    @property
    def default(self) -> Dialect:
        """What whoever asks is answered in of whom it is not known who it is."""
        return self[0]

    def of(self, provider: str) -> Dialect:
        """Return a provider's dialect; raise NotConfiguredError for a provider that we have no carrier of."""
        for dialect in self:
            if dialect.provider == provider:
                return dialect
        raise NotConfiguredError(f"This install has no carrier of {provider}.", code="provider-unknown")

    def who_speaks(self, headers: Headers, fields: Fields) -> Dialect:
        """Return the dialect that a webhook looks like being in; raise InvalidInputError for none that we know."""
        for dialect in self:
            if dialect.recognises(headers, fields):
                return dialect
        raise InvalidInputError("The webhook is of no carrier that we know.", code="provider-unknown")
