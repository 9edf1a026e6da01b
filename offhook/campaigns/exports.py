"""Exports of a campaign: what they are, and where they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from offhook.campaigns.model import Campaign
from offhook.errors import OffhookError

STANDSTILL = timedelta(minutes=15)
"""An export to which nothing was added for so long never will be done."""
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
    """A campaign's contacts and what has become of them, as a file.

    `rows` and `size_bytes` are what is written so far, up to the page with the key `after`, at `touched_at`; `titles` are
    the columns up to there. `upload_id` and `etags`, those of the parts from the second on, are of a file in parts.
    """

    campaign_id: str
    organization_id: str
    number: int
    created_at: datetime
    touched_at: datetime
    ended_at: datetime | None = None
    after: str = ""
    titles: tuple[str, ...] = ()
    rows: int = 0
    size_bytes: int = 0
    upload_id: str | None = None
    etags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where the file lies."""
        return f"exports/{self.organization_id}/{self.campaign_id}/{self.number}.csv"

    @property
    def first_rows_key(self) -> str:
        """Where the first rows of this upload wait for their heading."""
        return f"exports/{self.organization_id}/{self.campaign_id}/{self.number}-{self.upload_id}.rows"

    def status(self, now: datetime) -> ExportStatus:
        """Say how far it is."""
        if self.ended_at is None:
            return ExportStatus.WRITING if now < self.touched_at + STANDSTILL else ExportStatus.FAILED
        return ExportStatus.DONE if now < self.ended_at + KEPT else ExportStatus.EXPIRED


class Exports(Protocol):
    """Stored exports. Synchronous; every method may block for a network round trip."""

    def begin(self, campaign: Campaign, now: datetime) -> Export:
        """Begin the campaign's next export and return it; while one is being written, return that."""

    def newest(self, campaign_id: str) -> Export | None:
        """Return the newest export; None where none was asked for."""

    def get(self, campaign_id: str, number: int) -> Export:
        """Return an export; raise NotFoundError."""

    def save(self, former: Export, latest: Export) -> bool:
        """Store how far an export is; say False where it is not as far as the former any more."""


class UploadLostError(OffhookError):
    """The parts of a file are not there any more, or not those that were written down."""

    code = "upload-lost"


class ExportFiles(Protocol):
    """Where exports lie: files that are there at once, or once all of their parts are."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store a whole file."""

    def get(self, key: str) -> bytes:
        """Return a file; raise NotFoundError."""

    def begin(self, key: str, content_type: str) -> str:
        """Begin a file in parts, and return the name of this upload."""

    def add(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Store a part, of PART_BYTES at least but for the last, and return its tag; another of the same number goes.

        Raises UploadLostError.
        """

    def complete(self, key: str, upload_id: str, etags: Sequence[str]) -> None:
        """Make the file of its parts, whose tags are given in their order; raise UploadLostError."""

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        """Return a URL that anybody can read the file from for `seconds`."""
