"""Exports of a campaign: what they are, and where they are kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from offhook.campaigns.model import Campaign

MOST_TIME = timedelta(minutes=15)
"""As long as whoever writes an export can live; one that is not done by then never will be."""
KEPT = timedelta(days=7)
"""After this the bucket's lifecycle takes the file."""


class ExportStatus(StrEnum):
    """How far an export is."""

    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A campaign's contacts and what has become of them, as a file. `rows` and `size_bytes` are there once it is."""

    campaign_id: str
    organization_id: str
    number: int
    created_at: datetime
    ended_at: datetime | None = None
    rows: int | None = None
    size_bytes: int | None = None

    @property
    def key(self) -> str:
        """Where the file lies."""
        return f"exports/{self.organization_id}/{self.campaign_id}/{self.number}.csv"

    def status(self, now: datetime) -> ExportStatus:
        """Say how far it is."""
        if self.ended_at is None:
            return ExportStatus.WRITING if now < self.created_at + MOST_TIME else ExportStatus.FAILED
        return ExportStatus.DONE if now < self.ended_at + KEPT else ExportStatus.EXPIRED


class Exports(Protocol):
    """Stored exports. Synchronous; every method may block for a network round trip."""

    def begin(self, campaign: Campaign, now: datetime) -> Export:
        """Begin the campaign's next export and return it; while one is being written, return that."""

    def newest(self, campaign_id: str) -> Export | None:
        """Return the newest export; None where none was asked for."""

    def get(self, campaign_id: str, number: int) -> Export:
        """Return an export; raise NotFoundError."""

    def finish(self, export: Export) -> None:
        """Store that an export is done; doing it again is harmless, and the first time counts."""


class ExportFiles(Protocol):
    """Where exports lie."""

    def write(
        self, key: str, pieces: Iterable[bytes], *, head: Callable[[], bytes], content_type: str
    ) -> int:
        """Store a file of pieces as they come, and return its size; `head`, asked for after the last one, goes in front.

        Memory holds a few megabytes of it, however long it is. There is no file where the pieces break off.
        """

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        """Return a URL that anybody can read the file from for `seconds`."""
