"""What tools need from the outside."""

from collections.abc import Sequence
from typing import Protocol

from offhook.tools.model import Credential, Tool


class ToolRepository(Protocol):
    """Stored tools. Synchronous; may block for a network round trip.

    No two active tools of an organization have the same name, large and small letters alike, and none names a
    credential that is not there.
    """

    def add(self, tool: Tool) -> None:
        """Store a new tool.

        Raises ConflictError `id-taken`, `tool-name-taken` or `credential-gone`.
        """

    def get(self, organization_id: str, tool_uuid: str) -> Tool:
        """Return one tool; raise NotFoundError."""

    def get_many(self, organization_id: str, tool_uuids: Sequence[str]) -> list[Tool]:
        """Return those of these tools that are there, archived ones too, in no order."""

    def update(self, tool: Tool, *, former: Tool) -> None:
        """Store a tool in place of what was read as `former`.

        Raises ConflictError `changed-meanwhile`, `tool-name-taken` or `credential-gone`.
        """

    def list(self, organization_id: str) -> list[Tool]:
        """Return the organization's tools, newest first, archived ones too."""


class CredentialRepository(Protocol):
    """Stored credentials. Synchronous; may block for a network round trip."""

    def add(self, credential: Credential) -> None:
        """Store a new credential; raise ConflictError `id-taken`."""

    def get(self, organization_id: str, credential_uuid: str) -> Credential:
        """Return one credential; raise NotFoundError."""

    def update(self, credential: Credential, *, former: Credential) -> None:
        """Store a credential in place of what was read as `former`; raise ConflictError `changed-meanwhile`."""

    def remove(self, credential: Credential) -> None:
        """Remove a credential; doing it again is harmless.

        Raises ConflictError `credential-in-use` while an active tool names it.
        """

    def list(self, organization_id: str) -> list[Credential]:
        """Return the organization's credentials, newest first."""
