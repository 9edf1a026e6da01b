"""What documents need from the outside."""

from collections.abc import Sequence
from typing import Protocol

from offhook.knowledge.model import KnowledgeDocument


class KnowledgeRepository(Protocol):
    """Stored documents, without their texts. Synchronous; may block for a network round trip."""

    def add(self, document: KnowledgeDocument) -> None:
        """Store a new document; raise ConflictError `id-taken`."""

    def get(self, organization_id: str, document_uuid: str) -> KnowledgeDocument:
        """Return one document; raise NotFoundError."""

    def get_many(self, organization_id: str, document_uuids: Sequence[str]) -> list[KnowledgeDocument]:
        """Return those of these documents that are there, in the order in which they are named."""

    def update(self, document: KnowledgeDocument, *, former: KnowledgeDocument) -> None:
        """Store a document in place of what was read as `former`; raise ConflictError `changed-meanwhile`."""

    def remove(self, document: KnowledgeDocument) -> None:
        """Remove a document; doing it again is harmless."""

    def list(self, organization_id: str) -> list[KnowledgeDocument]:
        """Return the organization's documents, newest first."""


class Embedder(Protocol):
    """A model that makes vectors of length 1, `dimensions` long, of which those of like meaning lie close together."""

    @property
    def name(self) -> str:
        """The model's id."""

    @property
    def dimensions(self) -> int:
        """How long its vectors are."""

    def embed(self, text: str) -> Sequence[float]:
        """Return the vector of a text; blocks; raise EngineError."""
