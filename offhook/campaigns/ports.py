"""What campaigns need from the outside. Every method is synchronous and may block for a network round trip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from offhook.campaigns.model import (
    Campaign,
    CampaignStatus,
    ContactState,
    ContactStatus,
    Counts,
    Fault,
    Group,
    Import,
    Page,
    Source,
)


class Campaigns(Protocol):
    """Stored campaigns."""

    def add(self, campaign: Campaign) -> None:
        """Store a new campaign; raise ConflictError when its id is taken."""

    def get(self, organization_id: str, campaign_id: str) -> Campaign:
        """Return the campaign; raise NotFoundError when it is not this organization's."""

    def list(
        self, organization_id: str, *, limit: int, after: str | None, status: CampaignStatus | None = None
    ) -> tuple[Sequence[Campaign], str | None]:
        """Return campaigns, newest first, and what continues the list; None at its end.

        A page may be short although more follow: a filter looks at a bounded number of rows.
        """

    def update(self, campaign: Campaign, former: Campaign) -> Campaign:
        """Store what differs between the two, conditional on the former's revision and status, and return it stored.

        The stored revision is one more than the former's. What imports write, `imports` and `importing`, is left alone; no
        campaign is completed while one has begun that the former does not know. Raises ConflictError `campaign-changed` when another was faster, NotFoundError when there is none.
        """

    def remove(self, campaign: Campaign) -> None:
        """Remove a campaign, so that it is found no more, and note that the rest of it is to be removed.

        Raises ConflictError `campaign-changed` where it is not as it was read, or an import has begun.
        """

    def is_removed(self, campaign_id: str) -> bool:
        """Say whether something is left of a campaign that was removed."""

    def forget(self, campaign_id: str) -> None:
        """Remove the imports, groups, exports and counts of a removed campaign, and at last the note that it was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file of contacts; `tag` tells it from another that takes its place."""

    tag: str
    size_bytes: int


class Contacts(Protocol):
    """Stored contacts: pages, the groups they belong to, imports and their faults."""

    def begin_import(self, campaign: Campaign, source: Source, now: datetime) -> Import:
        """Begin the campaign's next import; the same source again is the same import.

        Raises ConflictError `import-running` while another is under way, `campaign-over` for a campaign that is over,
        NotFoundError when there is none.
        """

    def get_import(self, campaign_id: str, number: int) -> Import:
        """Return an import; raise NotFoundError."""

    def list_imports(self, campaign_id: str, *, limit: int, before: int | None = None) -> Sequence[Import]:
        """Return the campaign's imports, newest first, those with a number below `before`."""

    def save(
        self,
        campaign: Campaign,
        former: Import,
        latest: Import,
        pages: Sequence[Page] = (),
        faults: Sequence[Fault] = (),
    ) -> None:
        """Store pages and faults, let the pages be read, and then note where the import stands after them.

        That note is conditional on where the former stood, so that of two that read the same file one alone counts, and
        the other gets ConflictError `import-moved`; pages are the same whoever writes them. With it the contacts are added
        to the campaign's counts, and an import that is over frees its campaign for the next one.
        """

    def faults(self, campaign_id: str, number: int, *, after_row: int, limit: int) -> Sequence[Fault]:
        """Return the faults of rows after this one, in their order."""

    def groups(self, campaign_id: str) -> Sequence[Group]:
        """Return the campaign's groups."""

    def advance(self, campaign_id: str, former: Group, latest: Group, *, duplicates: int = 0) -> bool:
        """Note how far the first attempts have come in a group, and how many were passed over whose numbers were had before.

        Say False, and count nothing, where another was faster.
        """

    def page(self, campaign_id: str, key: str) -> Page:
        """Return one page; raise NotFoundError."""

    def next_page(self, campaign_id: str, group: Group) -> Page | None:
        """Return the page of the group after the one that is worked on; None where no further one may be read yet."""

    def remove_page(self, campaign_id: str, key: str) -> None:
        """Remove one page; doing it again is harmless."""

    def remove_faults(self, campaign_id: str) -> None:
        """Remove the faults of all imports; doing it again is harmless."""

    def pages(self, campaign_id: str, *, after: str = "", most: int | None = None) -> Iterator[Page]:
        """Yield the pages after this key, of all groups, in the order of their keys; consistent, lazily."""

    def imported(self, campaign_id: str, number: int) -> Iterator[Page]:
        """Yield the pages of one import; consistent, lazily."""


class ContactFiles(Protocol):
    """Files of contacts, as they were sent."""

    def link(self, key: str, *, size_bytes: int, seconds: int) -> str:
        """Return a URL to which anybody can PUT so many bytes, and neither more nor less, for `seconds`."""

    def put(self, key: str, body: bytes) -> str:
        """Store a file of ours, and return its tag."""

    def find(self, key: str) -> FoundFile:
        """Return what is there under this key; raise NotFoundError."""

    def blocks(self, key: str, tag: str, offset: int) -> Iterator[bytes]:
        """Yield the bytes of a file from an offset on, at most 1 MB at a time.

        Raises NotFoundError where it is not there any more, ConflictError where another took its place meanwhile.
        """


class Attempts(Protocol):
    """What has become of contacts, and the counts of their campaigns, which change together or not at all."""

    def counts(self, campaign_id: str) -> Counts:
        """Return a campaign's counts."""

    def get(self, campaign_id: str, number: str) -> ContactState | None:
        """Return the state of the contact with this number; None when it was not tried yet."""

    def get_many(self, campaign_id: str, numbers: Sequence[str]) -> Sequence[ContactState]:
        """Return the states of those that were tried, in any order."""

    def forget(self, campaign_id: str, numbers: Sequence[str]) -> None:
        """Remove the states of these contacts, and count nothing; doing it again is harmless."""

    def claim(
        self, campaign: Campaign, former: ContactState | None, latest: ContactState
    ) -> ContactState | None:
        """Begin an attempt of a contact, which is `calling` then: its first one where there is no former state.

        Return the state as it is stored; None, and nothing has changed, where it is no longer the former. Raises
        LimitReachedError when as many calls as the campaign may have at once are under way.
        """

    def move(
        self,
        former: ContactState,
        latest: ContactState,
        *,
        attempts: int = 0,
        cost_usd: Decimal = Decimal(0),
        call_seconds: int = 0,
    ) -> ContactState | None:
        """Store what a contact has become, and count what its attempt has used; return the state as it is stored.

        None, and nothing has changed, where it is no longer `former`.
        """

    def due(
        self, campaign_id: str, status: ContactStatus, now: datetime, *, limit: int
    ) -> Sequence[ContactState]:
        """Return the states that are to be looked at by now, those due first in front; found by an index, which may be late."""

    def next_due(self, campaign_id: str, status: ContactStatus) -> datetime | None:
        """Return when the next state is to be looked at; None when the index shows none."""


class CampaignWork(StrEnum):
    """What is to be done for a campaign."""

    FEED = "feed"
    IMPORT = "import"
    EXPORT = "export"
    REMOVE = "remove"


class CampaignQueue(Protocol):
    """Messages to the feeder. One may come twice or late."""

    def send(
        self,
        organization_id: str,
        campaign_id: str,
        work: CampaignWork,
        *,
        number: int = 0,
        delay_seconds: int = 0,
    ) -> None:
        """Have it done after a delay of at most 900 seconds; `number` is that of an import or an export."""
