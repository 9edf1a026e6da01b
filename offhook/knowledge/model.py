"""Texts that agents can look things up in."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeDocument:
    """A text of an organization. The text itself lies in the media store, under `text_key`, a new one for each change."""

    uuid: str
    organization_id: str
    name: str
    characters: int
    text_id: str
    created_at: datetime
    updated_at: datetime

    @property
    def prefix(self) -> str:
        """What the keys of all that is kept of it begin with."""
        # A prefix of its own, since a bucket's rules of expiry know only how keys begin.
        return f"knowledge/{self.organization_id}/{self.uuid}/"

    @property
    def text_key(self) -> str:
        """Where its text lies."""
        return f"{self.prefix}{self.text_id}.txt"
