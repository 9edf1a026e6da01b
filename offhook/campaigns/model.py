"""A campaign, its contacts, and how far it has come."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from offhook.callinghours import CallingWindow
from offhook.json_types import JsonObject
from offhook.runs.model import Delivery


class CampaignStatus(StrEnum):
    """Where a campaign stands; `completed` and `canceled` are final."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Say whether nothing more comes of it."""
        return self in (CampaignStatus.COMPLETED, CampaignStatus.CANCELED)


class RetryOutcome(StrEnum):
    """Outcomes of an attempt after which a contact may be called again."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How often a contact is called again after one outcome, and how many minutes later each time."""

    times: int
    after_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """The rules by outcome; without one a contact with that outcome is done."""

    busy: RetryRule | None = None
    no_answer: RetryRule | None = None
    voicemail: RetryRule | None = None
    failed: RetryRule | None = None

    def after(self, outcome: RetryOutcome) -> RetryRule | None:
        """Return the rule for this outcome."""
        rule: RetryRule | None = getattr(self, outcome.value)
        return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Calls of one agent to many people.

    `version` of the agent is pinned at the first start. `from_phone_number_ids` are the numbers that take turns; none leaves
    the choice to the telephony configuration. `windows` narrow the calling hours of the contact's country, which hold
    unless `respects_calling_hours` is off. `key_id` is the API key in whose name it calls: whoever started it last.
    `callback_url` is told of the end of each run and of the campaign's own (`notice` is how far that is); it may hold a
    token of its receiver, and is never shown or logged. `paused_reason` is the code of what paused it, None where somebody
    did. `imports` counts those that were begun; `importing` is the number of the one under way. `revision` rises with each edit.
    """

    id: str
    organization_id: str
    name: str
    agent_uuid: str
    version: int | None = None
    status: CampaignStatus = CampaignStatus.DRAFT
    telephony_configuration_id: str | None = None
    from_phone_number_ids: tuple[str, ...] = ()
    default_country: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    windows: tuple[CallingWindow, ...] = ()
    respects_calling_hours: bool = True
    max_concurrent_calls: int = 5
    calls_per_minute: int = 30
    retries: RetryRules = field(default_factory=RetryRules)
    callback_url: str | None = field(default=None, repr=False)
    notice: Delivery | None = None
    created_at: datetime
    created_by: str | None = None
    updated_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    key_id: str | None = None
    paused_reason: str | None = None
    imports: int = 0
    importing: int | None = None
    revision: int = 1


MOST_CONTACTS_A_PAGE = 100
MOST_PAGE_BYTES = 200_000
MOST_FAULTS_A_PAGE = 500
MOST_IMPORTS = 999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to call, as an import has read it: immutable.

    `import_number` and `row` (of its file, from 1, without the heading) say where it comes from. `country` (ISO 3166,
    `US`) and `zone` (IANA, `America/New_York`) say when it may be called.
    """

    import_number: int
    row: int
    number: str
    country: str
    zone: str
    context: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its name in its campaign, such as `000001-000000042`."""
        return f"{self.import_number:06d}-{self.row:09d}"

    @property
    def group(self) -> str:
        """Who may be called at the same hours as it, such as `US|America/New_York`."""
        return f"{self.country}|{self.zone}"

    def __repr__(self) -> str:
        return f"Contact({self.id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Up to 100 contacts of one group of one import, in the order of its file."""

    contacts: tuple[Contact, ...]

    @property
    def key(self) -> str:
        """Its name in its campaign; keys order the pages of a group by import and row."""
        first = self.contacts[0]
        return f"{first.group}#{first.import_number:06d}#{first.row:09d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Contacts that may be called at the same hours, and how far the first attempts have come among them.

    `page_key` is the page that is worked on, "" before the first; `index` is of the next contact in it. `last_key` is the
    last page that may be read: an import writes its pages in any order, and raises it once all up to there are written.
    """

    country: str
    zone: str
    page_key: str = ""
    index: int = 0
    last_key: str = ""

    @property
    def name(self) -> str:
        """As `Contact.group`."""
        return f"{self.country}|{self.zone}"

    @classmethod
    def named(cls, name: str) -> "Group":
        """Return the group of this name, of which nobody was called yet."""
        country, _, zone = name.partition("|")
        return cls(country=country, zone=zone)


class ImportStatus(StrEnum):
    """How far an import is."""

    READING = "reading"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Contacts as they were sent: an object, and how it is to be read.

    `tag` tells the object from another of the same key. `number_column` and `zone_column` name columns of a file that are
    called otherwise than usual; numbers without a country are of `default_country` (ISO 3166).
    """

    key: str
    tag: str
    default_country: str | None = None
    number_column: str | None = None
    zone_column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """The reading of one file, or of one body, of contacts.

    `offset` (bytes), `encoding` and `rows` are where reading goes on after a stop; up to there `contacts`, `faults` (rows
    that are no contact) and `duplicates` (rows with the number of an earlier one) were counted. `failure` is a sentence
    about the file as a whole.
    """

    campaign_id: str
    number: int
    status: ImportStatus = ImportStatus.READING
    source: Source
    offset: int = 0
    encoding: str | None = None
    rows: int = 0
    contacts: int = 0
    faults: int = 0
    duplicates: int = 0
    failure: str | None = None
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that is no contact, and a sentence that says why."""

    row: int
    reason: str


class ContactStatus(StrEnum):
    """Where a contact that was tried stands: its call is under way, another is due later, or nothing more follows."""

    CALLING = "calling"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactState:
    """What has become of a contact since it was first tried.

    `run_ids` are its attempts, oldest first; of a contact that is `calling` the last one is under way. `retries` counts by
    outcome those that were used up. `due_at` is when it is next to be looked at. `disposition` is that of the last attempt
    that ended; one that is `done` and `in_review` may get another by the review of that. `revision` rises with each change.
    """

    campaign_id: str
    organization_id: str
    contact_id: str
    number: str = field(repr=False)
    page_key: str
    index: int
    status: ContactStatus
    run_ids: tuple[int, ...] = ()
    retries: JsonObject = field(default_factory=dict)
    due_at: datetime | None = None
    disposition: str | None = None
    in_review: bool = False
    revision: int = 1

    @property
    def group(self) -> str:
        """As `Contact.group`."""
        return self.page_key.partition("#")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far a campaign has come.

    `contacts` were imported; `started` of them were tried, `calling` have a call under way and `waiting` one that is due
    later, `duplicates` were skipped, and of all others `done` says how many ended how, by disposition. The last calls of
    `in_review` of these are still to be judged.
    """

    contacts: int = 0
    started: int = 0
    calling: int = 0
    waiting: int = 0
    duplicates: int = 0
    in_review: int = 0
    attempts: int = 0
    done: dict[str, int] = field(default_factory=dict)
    cost_usd: Decimal = Decimal(0)
    call_seconds: int = 0
