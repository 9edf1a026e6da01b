"""The bodies of the campaign routes, and the public form of a campaign."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from functions.http.shown import Page, Shown
from offhook.callinghours import CallingWindow, Weekday
from offhook.campaigns.editing import MOST_NAME_CHARACTERS, MOST_NUMBERS, MOST_WINDOWS
from offhook.campaigns.model import Campaign, CampaignStatus, RetryRule, RetryRules
from offhook.campaigns.progress import Progress
from offhook.documents import GivenDocument, examples, parts_of
from offhook.instants import Instant
from offhook.runs.delivery_document import RunDeliveryDocument
from offhook.runs.placing.orders import MAX_CALLBACK_URL_CHARACTERS

_CAMPAIGN_ID = "cmp_019ab3c4d5e6f0a1b2c3d4"
_NEW: dict[str, Any] = {
    "name": "Check-up reminders, March",
    "agent_uuid": "0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11",
    "end_at": "2027-03-31T18:00:00.000Z",
    "calling_windows": [
        {"weekdays": ["monday", "tuesday", "thursday"], "opens": "10:00", "closes": "12:30"},
        {"weekdays": ["saturday"], "opens": "10:00", "closes": "14:00"},
    ],
    "max_concurrent_calls": 5,
    "calls_per_minute": 30,
    "retries": {
        "busy": {"times": 3, "after_minutes": 10},
        "no_answer": {"times": 2, "after_minutes": 120},
    },
}
_CAMPAIGN: dict[str, Any] = {
    "id": _CAMPAIGN_ID,
    **_NEW,
    "retries": {"voicemail": None, "failed": None, **_NEW["retries"]},
    "status": "running",
    "revision": 3,
    "paused_reason": None,
    "version": 4,
    "telephony_configuration_id": None,
    "from_phone_number_ids": [],
    "default_country": "US",
    "start_at": None,
    "respects_calling_hours": True,
    "has_callback": False,
    "callback": None,
    "created_at": "2027-03-01T09:00:00.000Z",
    "created_by": "5d0c3f0e-4a52-4a43-8a6c-5f5f0d6f0a77",
    "updated_at": "2027-03-01T09:05:00.000Z",
    "started_at": "2027-03-01T09:05:00.000Z",
    "ended_at": None,
    "importing": None,
}

CampaignId = Annotated[str, Path(max_length=64, description="`id` of the campaign.", examples=[_CAMPAIGN_ID])]

_WHOLE_DAY = "24:00"
_WEEKDAYS = tuple(day.name.lower() for day in Weekday)


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("Name each of them once.")
    return values


def _weekday(name: str) -> str:
    if name not in _WEEKDAYS:
        raise ValueError(f"This must be one of: {', '.join(_WEEKDAYS)}.")
    return name


def _clock(text: str) -> time:
    return time.max if text == _WHOLE_DAY else time.fromisoformat(text)


def _clock_text(clock: time) -> str:
    return _WHOLE_DAY if clock == time.max else clock.isoformat("minutes")


_Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME_CHARACTERS, pattern=r"^\S(.*\S)?$")]
_Id = Annotated[str, Field(min_length=1, max_length=64)]
_WeekdayName = Annotated[str, AfterValidator(_weekday), Field(json_schema_extra={"enum": list(_WEEKDAYS)})]


class WindowDocument(GivenDocument):
    """Hours of some days of the week, by the clock where the contact is."""

    weekdays: Annotated[
        tuple[_WeekdayName, ...], AfterValidator(_each_once), Field(min_length=1, max_length=7)
    ]
    opens: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])
    closes: str = Field(
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        description="No call is begun at this time any more.",
        examples=["20:00"],
    )

    @model_validator(mode="after")
    def _in_order(self) -> "WindowDocument":
        if self.closes <= self.opens:
            raise ValueError("A window closes later than it opens: write two where one goes over midnight.")
        return self

    @property
    def window(self) -> CallingWindow:
        """What it says."""
        return CallingWindow(
            weekdays=tuple(sorted(Weekday[name.upper()] for name in self.weekdays)),
            opens=_clock(self.opens),
            closes=_clock(self.closes),
        )

    @classmethod
    def of(cls, window: CallingWindow) -> "WindowDocument":
        """Show a window."""
        return cls(
            weekdays=tuple(day.name.lower() for day in window.weekdays),
            opens=_clock_text(window.opens),
            closes=_clock_text(window.closes),
        )


class RetryDocument(GivenDocument):
    """How often somebody is called again, and how long after each time."""

    times: int = Field(ge=1, le=10)
    after_minutes: int = Field(ge=0, le=10_080)

    model_config = ConfigDict(from_attributes=True)


class RetriesDocument(GivenDocument):
    """When somebody is called again, by what became of the call before; never where nothing is said."""

    model_config = ConfigDict(from_attributes=True)

    busy: RetryDocument | None = None
    no_answer: RetryDocument | None = None
    voicemail: RetryDocument | None = None
    failed: RetryDocument | None = Field(
        default=None, description="The carrier could not place the call, or the call broke off."
    )

    @property
    def rules(self) -> RetryRules:
        """What it says."""
        return RetryRules(
            **{name: RetryRule(**dict(rule)) for name, rule in dict(self).items() if rule is not None}
        )


_Windows = Annotated[
    tuple[WindowDocument, ...],
    Field(
        max_length=MOST_WINDOWS,
        description="When to call, by the clock where each contact is, within the calling hours of their country. "
        "Without any: from 9 to 20 every day, as far as the country allows.",
    ),
]
_Numbers = Annotated[
    tuple[_Id, ...],
    AfterValidator(_each_once),
    Field(
        max_length=MOST_NUMBERS,
        description="Numbers of the configuration that take turns as caller; without any, its default one.",
    ),
]
_Country = Annotated[
    str,
    Field(
        pattern=r"^[A-Z]{2}$", description="ISO 3166: where numbers are that are written without a country."
    ),
]
_AtOnce = Annotated[int, Field(ge=1, le=1_000, description="Calls at the same time, at most.")]
_PerMinute = Annotated[int, Field(ge=1, le=6_000)]
_Respects = Annotated[
    bool,
    Field(
        description="Whether the calling hours and holidays of each contact's country hold beside the campaign's own."
    ),
]
_Callback = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_CALLBACK_URL_CHARACTERS,
        description="Where the end of each run is posted, and that of the campaign. It is never shown again.",
    ),
]


class CampaignChanges(GivenDocument):
    """What is left out or null stays; lists and `retries` are given whole."""

    model_config = examples({"max_concurrent_calls": 10})

    name: _Name | None = None
    agent_uuid: _Id | None = None
    telephony_configuration_id: _Id | None = None
    from_phone_number_ids: _Numbers | None = None
    default_country: _Country | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None
    calling_windows: _Windows | None = None
    respects_calling_hours: _Respects | None = None
    max_concurrent_calls: _AtOnce | None = None
    calls_per_minute: _PerMinute | None = None
    retries: RetriesDocument | None = None
    callback_url: _Callback | None = None

    def applied_to(self, campaign: Campaign) -> Campaign:
        """Return the campaign with these changes in it."""
        return replace(campaign, **_stored({name: getattr(self, name) for name in self.model_fields_set}))


class NewCampaign(GivenDocument):
    """A campaign as a whole: what is left out is as it is by default."""

    model_config = examples(_NEW)

    name: _Name
    agent_uuid: _Id = Field(description="Who calls: an agent with a published version.")
    telephony_configuration_id: _Id | None = Field(
        default=None, description="The configuration to call with, in place of the default one."
    )
    from_phone_number_ids: _Numbers = ()
    default_country: _Country | None = None
    start_at: Instant | None = Field(default=None, description="Nobody is called before, started or not.")
    end_at: Instant | None = Field(default=None, description="Nobody is called from then on.")
    calling_windows: _Windows = ()
    respects_calling_hours: _Respects = True
    max_concurrent_calls: _AtOnce = 5
    calls_per_minute: _PerMinute = 30
    retries: RetriesDocument = Field(default_factory=RetriesDocument)
    callback_url: _Callback | None = None

    def made(self, organization_id: str, campaign_id: str, key_id: str, now: datetime) -> Campaign:
        """Return the campaign, a draft."""
        return Campaign(
            id=campaign_id,
            organization_id=organization_id,
            created_at=now,
            created_by=key_id,
            **_stored(dict(self)),
        )

    def applied_to(self, campaign: Campaign) -> Campaign:
        """Return the campaign as this says, whatever it was."""
        return replace(campaign, **_stored(dict(self)))


class CampaignDocument(Shown):
    """A campaign."""

    model_config = examples(_CAMPAIGN)

    id: str
    name: str
    revision: int
    status: CampaignStatus
    paused_reason: str | None = Field(
        description="Why it was paused where nobody did that, such as `quota-exceeded`; else null."
    )
    agent_uuid: str
    version: int | None = Field(
        description="The agent's version, as published when the campaign was started."
    )
    telephony_configuration_id: str | None
    from_phone_number_ids: list[str]
    default_country: str | None
    start_at: Instant | None
    end_at: Instant | None
    calling_windows: list[WindowDocument]
    respects_calling_hours: bool
    max_concurrent_calls: int
    calls_per_minute: int
    retries: RetriesDocument
    has_callback: bool
    callback: RunDeliveryDocument | None = Field(description="How far the notice of the campaign's end is.")
    created_at: Instant
    created_by: str | None = Field(description="The API key that made it.")
    updated_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    importing: int | None = Field(description="The number of the import under way.")


class ProgressDocument(Shown):
    """How far a campaign has come. A contact is `new` until it is first called; then each is counted in one place."""

    model_config = examples(
        {
            "status": "running",
            "paused_reason": None,
            "contacts": 1200,
            "new": 788,
            "waiting": 31,
            "canceled": 0,
            "dialling": 2,
            "talking": 3,
            "duplicates": 4,
            "done": {"completed": 340, "no_answer": 20, "do_not_call": 12},
            "attempts": 466,
            "cost_usd": 8.61,
            "call_seconds": 15880,
            "estimated_end_at": "2027-03-02T11:40:00.000Z",
        }
    )

    status: CampaignStatus
    paused_reason: str | None
    contacts: int = Field(description="All that were imported.")
    new: int
    waiting: int = Field(description="Contacts that are to be called again.")
    canceled: int = Field(
        description="Contacts that were still to be called when the campaign was canceled, or came to its `end_at`."
    )
    dialling: int = Field(description="Calls under way in which nobody talks yet.")
    talking: int
    duplicates: int = Field(description="Contacts that were passed over: their numbers had come before.")
    done: dict[str, int] = Field(description="Contacts of which nothing more comes, by disposition.")
    attempts: int = Field(description="Calls that have ended.")
    cost_usd: float = Field(description="What these have cost, as far as it has a price.")
    call_seconds: int = Field(description="How long they were, from the answer on.")
    estimated_end_at: Instant | None = Field(
        description="When it will be over at its limits and within its hours; null unless it is running."
    )


class CampaignList(Page[CampaignDocument]):
    """Campaigns, newest first."""


def campaign_document(campaign: Campaign) -> CampaignDocument:
    """Show a campaign."""
    shown = parts_of(campaign) | {
        "calling_windows": [WindowDocument.of(window) for window in campaign.windows],
        "has_callback": campaign.callback_url is not None,
        "callback": campaign.notice,
    }
    return CampaignDocument.model_validate(shown, from_attributes=True)


def progress_document(progress: Progress) -> ProgressDocument:
    """Show a campaign's progress."""
    campaign, counts = progress.campaign, progress.counts
    shown = {
        "status": campaign.status,
        "paused_reason": campaign.paused_reason,
        "new": progress.new,
        "waiting": progress.waiting,
        "canceled": progress.canceled,
        "dialling": progress.dialling,
        "cost_usd": float(counts.cost_usd),
    }
    return ProgressDocument.model_validate(parts_of(counts) | parts_of(progress) | shown)


def _stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a campaign for those of a document."""
    fields = dict(given)
    if "calling_windows" in given:
        fields["windows"] = tuple(document.window for document in fields.pop("calling_windows"))
    if "retries" in given:
        fields["retries"] = given["retries"].rules
    return fields
