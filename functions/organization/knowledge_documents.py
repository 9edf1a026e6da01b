"""The bodies of the routes of knowledge, and the public form of a document."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from functions.http.shown import Page, Shown
from offhook.documents import GivenDocument, examples
from offhook.instants import Instant
from offhook.knowledge.usecases import MAX_TEXT_CHARACTERS

_DOCUMENT_UUID = "5b1f8a6e-0f0e-4f0b-9a55-3c9f3f0a7d42"
_NEW_DOCUMENT: dict[str, Any] = {
    "name": "Opening hours and parking",
    "text": "# Opening hours\n\nWe are open from nine to five on weekdays.\n\n# Parking\n\nGuests park behind the house.",
}
_DOCUMENT: dict[str, Any] = {
    "uuid": _DOCUMENT_UUID,
    "name": _NEW_DOCUMENT["name"],
    "characters": len(_NEW_DOCUMENT["text"]),
    "created_at": "2026-03-02T09:30:00.000Z",
    "updated_at": "2026-03-02T09:30:00.000Z",
}

DocumentUuid = Annotated[
    str, Path(max_length=64, description="`uuid` of the document.", examples=[_DOCUMENT_UUID])
]

_Name = Annotated[
    str, Field(min_length=1, max_length=200, description="What it is about; models read it too.")
]
_Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_TEXT_CHARACTERS,
        pattern=r"\S",
        description="Plain text or Markdown. Lines that begin with # are headings: each passage keeps its own.",
    ),
]


class NewKnowledgeDocument(GivenDocument):
    """A text that agents can look things up in."""

    model_config = examples(_NEW_DOCUMENT)

    name: _Name
    text: _Text


class KnowledgeDocumentChanges(GivenDocument):
    """What is left out or null stays."""

    model_config = examples({"text": "We are open from ten to four."})

    name: _Name | None = None
    text: _Text | None = None


class KnowledgeDocumentDocument(Shown):
    """A document without its text."""

    model_config = examples(_DOCUMENT)

    uuid: str
    name: str
    characters: int
    created_at: Instant
    updated_at: Instant


class KnowledgeText(KnowledgeDocumentDocument):
    """A document with its text."""

    model_config = examples({**_DOCUMENT, "text": _NEW_DOCUMENT["text"]})

    text: str


class KnowledgeList(Page[KnowledgeDocumentDocument]):
    """Documents without their texts, newest first."""
