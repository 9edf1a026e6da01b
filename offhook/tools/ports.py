"""What tools need from the outside."""

from typing import Protocol

from offhook.tools.model import Credential, Tool


class ToolRepository(Protocol):
    """Stored tools. Synchronous; may block for a network round trip."""

    def add(self, tool: Tool) -> None:
        """Store a new tool; raise ConflictError `id-taken`."""

    def get(self, organization_id: str, tool_uuid: str) -> Tool:
        """Return one tool; raise NotFoundError."""

    def update(self, tool: Tool) -> None:
        """Store a tool's changes; raise NotFoundError when it is gone."""

    def list(self, organization_id: str) -> list[Tool]:
        """Return the organization's tools, newest first, archived ones too."""


class CredentialRepository(Protocol):
    """Stored credentials. Synchronous; may block for a network round trip."""

    def add(self, credential: Credential) -> None:
        """Store a new credential; raise ConflictError `id-taken`."""

    def get(self, organization_id: str, credential_uuid: str) -> Credential:
        """Return one credential; raise NotFoundError."""

    def update(self, credential: Credential) -> None:
        """Store a credential's changes; raise NotFoundError when it is gone."""

    def remove(self, credential: Credential) -> None:
        """Remove a credential; doing it again is harmless."""

    def list(self, organization_id: str) -> list[Credential]:
        """Return the organization's credentials, newest first."""
