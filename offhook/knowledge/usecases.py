"""Keeping documents: the text goes to the media store first, so that no document is ever without one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from offhook.errors import ConflictError, InvalidInputError
from offhook.ids import new_uuid
from offhook.knowledge.model import KnowledgeDocument
from offhook.knowledge.ports import KnowledgeRepository
from offhook.runs.ports import MediaStore

MAX_TEXT_CHARACTERS = 400_000
"""A document's text at most: some 60,000 words."""

MAX_DOCUMENTS = 200
"""Documents of one organization."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentShelf:
    """The documents of all organizations, with their texts."""

    documents: KnowledgeRepository
    media: MediaStore

    def add(
        self, organization_id: str, document_uuid: str, *, name: str, text: str, now: datetime
    ) -> KnowledgeDocument:
        """Store a new document; raise InvalidInputError where the organization has too many."""
        if len(self.documents.list(organization_id)) >= MAX_DOCUMENTS:
            message = (
                f"An organization has {MAX_DOCUMENTS} documents at most: delete one, or put texts together."
            )
            raise InvalidInputError(message)
        document = KnowledgeDocument(
            uuid=document_uuid,
            organization_id=organization_id,
            name=name,
            characters=len(text),
            text_id=new_uuid(),
            created_at=now,
            updated_at=now,
        )
        self._keep(document, text, partial(self.documents.add, document))
        return document

    def change(
        self, former: KnowledgeDocument, *, name: str, text: str | None, now: datetime
    ) -> KnowledgeDocument:
        """Store what was given; calls that have begun go on with the text that they found."""
        document = replace(former, name=name, updated_at=now)
        if text is None:
            self.documents.update(document, former=former)
            return document
        document = replace(document, text_id=new_uuid(), characters=len(text))
        self._keep(document, text, partial(self.documents.update, document, former=former))
        self._forget(former.text_key)
        return document

    def remove(self, document: KnowledgeDocument) -> None:
        """Remove a document with its text; agents that name it find one less."""
        self.documents.remove(document)
        # It may have been changed since it was read.
        self._forget(document.prefix)

    def text(self, document: KnowledgeDocument) -> str:
        """Return a document's text; raise NotFoundError when it was changed or removed just now."""
        return self.media.get(document.text_key).decode()

    def _forget(self, prefix: str) -> None:
        # A text with what was made of it, which lies beside it.
        self.media.delete(self.media.keys(prefix))

    def _keep(self, document: KnowledgeDocument, text: str, write: Callable[[], None]) -> None:
        """Put the text, then write the document; where others were faster, nobody would ever find that text again."""
        self.media.put(document.text_key, text.encode(), "text/plain; charset=utf-8")
        try:
            write()
        except ConflictError:
            # Unless it was written after all, and its reply lost: others may have changed the document since.
            stored = self.documents.get_many(document.organization_id, [document.uuid])
            if all(each.text_id != document.text_id for each in stored):
                self._forget(document.text_key)
            raise
