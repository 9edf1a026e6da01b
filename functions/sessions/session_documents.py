"""What clients send to sessions and are answered, as Strongly has it."""

from math import ceil
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from functions.http.listing import Listing
from functions.http.secrets import MintedReply
from offhook.documents import GivenDocument, examples
from offhook.instants import Instant
from offhook.runs.model import TriggerMode
from offhook.sessions.commands import MOST_CHARACTERS
from offhook.sessions.document import EXAMPLE_SESSION, SessionDocument
from offhook.sessions.tokens import TokenScope
from offhook.sessions.told import SessionLine
from offhook.sessions.transfer_fields import TransferFields
from offhook.vocabulary import InjectRole

SessionId = Annotated[str, Path(max_length=128, description="`session_id` of the session.")]

_SOCKET: dict[str, Any] = {name: EXAMPLE_SESSION[name] for name in ("ws_url", "ws_token")}


class SessionBody(GivenDocument):
    """Which workflow to run, and what is known of the session."""

    model_config = examples(
        {
            "workflowId": EXAMPLE_SESSION["workflow_id"],
            "metadata": {"customer_name": "Jane"},
            "dispositionSchemaVersion": "v1",
            "estimatedDurationSeconds": 600,
            "correlationId": "corr_789",
        }
    )

    workflow_id: str = Field(
        alias="workflowId", max_length=64, description="`_id` of the workflow, or the `uuid` of its agent."
    )
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="Anything, at most 8 KB of JSON: shown as it is, and variables for the agent's templates.",
    )
    mode: TriggerMode = Field(
        default=TriggerMode.PRODUCTION,
        description="`test` runs the draft, where there is one, beside whatever is deployed; `production` what is deployed, else "
        "the published version, else the draft.",
    )
    disposition_schema_version: str | None = Field(
        default=None, alias="dispositionSchemaVersion", min_length=1, max_length=64
    )
    estimated_duration_seconds: Annotated[float, Field(ge=1, le=86_400)] | None = Field(
        default=None,
        alias="estimatedDurationSeconds",
        description="Refused with 402 where less is left of the organization's minutes of this month; rounded up.",
    )
    correlation_id: str | None = Field(default=None, alias="correlationId", min_length=1, max_length=256)

    @property
    def estimated_seconds(self) -> int | None:
        """The estimate in whole seconds."""
        estimate = self.estimated_duration_seconds
        return None if estimate is None else ceil(estimate)


class SessionReply(MintedReply):
    """A session that waits for its caller."""

    model_config = examples({"session_id": EXAMPLE_SESSION["session_id"], **_SOCKET})

    session_id: str
    ws_url: str
    ws_token: str = Field(
        description="Opens the socket for five minutes, to operate; a replay mints another one."
    )


class TokenBody(GivenDocument):
    """What the token is to allow."""

    model_config = examples({"scope": "observe"})

    scope: TokenScope | None = Field(
        default=None,
        description="`operate` needs the scope `streaming-sessions:write`; without it, as much as the key may do.",
    )


class TokenReply(BaseModel):
    """A token of a session's socket."""

    model_config = examples({**_SOCKET, "scope": "observe", "expires_at": "2026-11-20T10:05:00.000Z"})

    ws_url: str
    ws_token: str
    scope: TokenScope
    expires_at: Instant


class InjectBody(GivenDocument):
    """A text for a call that is going on."""

    model_config = examples({"text": "Please ask the caller for their account number.", "role": "system"})

    text: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    role: InjectRole = Field(
        default=InjectRole.SYSTEM,
        description="`system` is shown to the model from its next reply on, `user` counts as said by the caller, "
        "`assistant` is said word for word after the present sentence.",
    )
    interrupt: bool = Field(default=False, description="Whether the agent falls silent for it.")


class InjectReply(BaseModel):
    """The run's log holds the text."""

    model_config = examples({"injected": True, "inject_id": "0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11"})

    injected: Literal[True] = True
    inject_id: str = Field(description="What the log's events name it by.")


class TransferBody(TransferFields, GivenDocument):
    """To whom the caller is put through, and what is said."""

    model_config = examples({"to": "+14155550100", "mode": "warm", "summary": "Jane, about her invoice."})


class TransferReply(BaseModel):
    """The run's log holds that the transfer has begun; its events `transfer` tell what becomes of it."""

    model_config = examples({"begun": True, "command_id": "0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11"})

    begun: Literal[True] = True
    command_id: str = Field(description="What the log's events name it by.")


class SessionList(Listing[SessionDocument]):
    """Sessions."""


class SessionTranscript(Listing[SessionLine]):
    """What was said, oldest first."""
