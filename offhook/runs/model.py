"""A run: the durable record of one execution of one version of an agent."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from offhook.donotcall.model import DO_NOT_CALL
from offhook.json_types import JsonObject


class RunStatus(StrEnum):
    """Where a run stands; it never goes back to an earlier one."""

    QUEUED = "queued"
    DIALING = "dialing"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Say whether a run with this status is over."""
        return self not in _LIVE_ORDER

    def may_become(self, other: "RunStatus") -> bool:
        """Say whether `other` is ahead of this status."""
        if self.is_final:
            return False
        return other.is_final or _LIVE_ORDER.index(other) > _LIVE_ORDER.index(self)


_LIVE_ORDER = (RunStatus.QUEUED, RunStatus.DIALING, RunStatus.RINGING, RunStatus.IN_PROGRESS)

NOT_ANSWERED = (RunStatus.DIALING, RunStatus.RINGING)
"""Where a run stands whose phone may ring, and in whose call nobody talks yet."""


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    WEB = "web"


WEB = "web"
"""The mode of a run whose audio comes from a browser; that of any other is the provider that carries its call."""


class TriggerMode(StrEnum):
    """Which version a trigger runs: the published one, or the newest draft if there is one."""

    PRODUCTION = "production"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed: a kebab-case code and a sentence without secrets."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTelephony:
    """The carrier's side of a run; `call_id` is the carrier's REST id of the call."""

    configuration_id: str | None = None
    caller_number: str | None = None
    called_number: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Which process may append to a run's log, since which takeover, and until when without renewal.

    `stream_number` is that of the run's media stream at the takeover. `address` is where that process listens, as others of
    the install reach it (`host:port`); "" where they do not.
    """

    owner: str
    epoch: int
    lease_until: datetime
    stream_number: int = 0
    address: str = ""


class DeliveryStatus(StrEnum):
    """What became of a message that tells a run's end; none is sent to whoever ordered it if the reply told it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where the finished run is sent, once: to the `url` of a callback, or as the webhook `node_id` of the workflow says.

    `url` may hold a token of its receiver, and is never shown or logged. `answer` is what the last attempt met: a status,
    or the code of an error. `retry_at` is what a receiver asked for that wants to be left alone for longer than we would.
    """

    url: str | None = field(default=None, repr=False)
    node_id: str | None = None
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    last_attempt_at: datetime | None = None
    answer: str | None = None
    retry_at: datetime | None = None


class ReviewStatus(StrEnum):
    """How far a language model's look back at a finished call is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A language model's look back at the finished call: its quality checks, and its disposition.

    `asked_at` is when somebody asked for the checks anew, of the workflow's `version`; None for what follows each call.
    """

    status: ReviewStatus = ReviewStatus.PENDING
    attempts: int = 0
    last_attempt_at: datetime | None = None
    asked_at: datetime | None = None
    version: int | None = None


class TransferStatus(StrEnum):
    """How far a transfer is, in the order of their coming; a warm one is `joined` when the other person waits."""

    STARTED = "started"
    ANSWERED = "answered"
    JOINED = "joined"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def formers(self) -> "tuple[TransferStatus, ...]":
        """Those that this one may follow."""
        order = tuple(TransferStatus)
        return order[: min(order.index(self), order.index(TransferStatus.COMPLETED))]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTransfer:
    """What the carrier has told of a run's latest transfer; `number` counts them from 1.

    `reason` is why it failed. `call_id` is the carrier's id of the call to the other person of a warm one. `place_id` is
    what the other leg stands under in the ledger, where it holds a place as a run does.
    """

    number: int
    status: TransferStatus
    reason: str | None = None
    call_id: str | None = None
    place_id: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in (TransferStatus.COMPLETED, TransferStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTerms:
    """What whoever began a run as a session has asked for, and how long it may last; phone calls have none.

    It is over when nobody has begun to talk before `expires_at`. The two limits are those of its deployment; None leaves
    the agent's own. `metadata` is shown as it came.
    """

    expires_at: datetime
    deployment_id: str | None = None
    correlation_id: str | None = None
    disposition_schema_version: str | None = None
    estimated_duration_seconds: int | None = None
    idle_timeout_seconds: int | None = None
    max_duration_seconds: int | None = None
    metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCall:
    """Which attempt of which campaign a run is.

    `contact_id` names the contact in its campaign, `number` counts its attempts from 1, `group` (`US|America/New_York`) says
    when they may be called. `is_settled` once the campaign knows what became of it.
    """

    campaign_id: str
    contact_id: str
    number: int
    group: str = ""
    is_settled: bool = False


class PromiseStatus(StrEnum):
    """What became of a promised call-back: its call is ordered, or can't be."""

    PENDING = "pending"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A call-back that the agent has promised: `at` is when, None where nobody can tell.

    `run_id` is that of its call, from before that is made; `failure` is the code of why there will be none.
    """

    at: datetime | None
    reason: str = ""
    status: PromiseStatus = PromiseStatus.PENDING
    run_id: int | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a live call stands, as its owner has noted it: who talks in which node, what was said last, the cost so far.

    `text` is cut to a line. `cost_usd` is of what has a price.
    """

    at: datetime
    agent_uuid: str
    node_id: str | None = None
    speaker: str | None = None
    text: str = ""
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `usage`, `cost` and `latency` are the public objects of the contract, written when it ends.

    `version` is the number of the executed version, `is_draft` whether that was the draft. `stream_number` counts the
    media streams handed to the carrier for this run: 1 for the first, one more for each continuation. `stream_repeats`
    is how often the present one was handed out again, since no streamer had taken it.
    `answered_by` is who took an outbound call at last, as far as that was told apart.
    `logs` is what the carrier announced of an incoming call.
    `callback` and `webhooks` are its deliveries. `annotations` are what its review has found, by the name of each finding.
    `retention_days` after its end the run is deleted; None keeps it.
    `session` is what it was begun with as a session, in a browser; a phone call has none, and is shown as one all the same.
    `refusal_noted_at` is when whoever wanted no more calls was put on the do-not-call list.
    `campaign` is what it is an attempt of. `scheduled_at` is when it is to be dialled, where that was not to be at once.
    `promise` is the call-back that was promised in it, `promised_in` the run in which this one was.
    `waits` is how long its caller waited for answers, in all and by stage: histograms, for what runs add up to.
    `moment` is where its call stands while it is live, a few seconds old: what a list shows without a look at the log.
    """

    id: int
    organization_id: str
    name: str
    agent_uuid: str
    version: int
    is_draft: bool = False
    status: RunStatus
    direction: Direction
    mode: str
    created_at: datetime
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: str | None = None
    end_reason: str | None = None
    answered_by: str | None = None
    initial_context: JsonObject = field(default_factory=dict)
    gathered_context: JsonObject = field(default_factory=dict)
    logs: JsonObject = field(default_factory=dict)
    telephony: RunTelephony = field(default_factory=RunTelephony)
    usage: JsonObject | None = None
    cost: JsonObject | None = None
    latency: JsonObject | None = None
    waits: JsonObject | None = None
    error: RunError | None = None
    recording_key: str | None = None
    transcript_key: str | None = None
    stream_number: int = 0
    stream_repeats: int = 0
    callback: Delivery | None = None
    webhooks: tuple[Delivery, ...] = ()
    review: Review | None = None
    annotations: JsonObject = field(default_factory=dict)
    retention_days: int | None = None
    hangup_requested_at: datetime | None = None
    transfer: RunTransfer | None = None
    session: SessionTerms | None = None
    refusal_noted_at: datetime | None = None
    campaign: CampaignCall | None = None
    scheduled_at: datetime | None = None
    promise: Promise | None = None
    promised_in: int | None = None
    ownership: Ownership | None = None
    moment: Moment | None = None

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All that is sent once it is over."""
        return self.webhooks if self.callback is None else (self.callback, *self.webhooks)

    @property
    def is_owing(self) -> bool:
        """Whether something is left to do after its end."""
        is_known = self.campaign is None or self.campaign.is_settled
        is_heeded = not (self.has_open_refusal or self.has_open_promise)
        return (
            self.has_open_review
            or not (is_known and is_heeded)
            or any(each.status is DeliveryStatus.PENDING for each in self.deliveries)
        )

    @property
    def has_open_review(self) -> bool:
        """Whether it is still to be judged, which may change its disposition."""
        return self.review is not None and self.review.status is ReviewStatus.PENDING

    @property
    def has_open_promise(self) -> bool:
        """Whether a call-back was promised in it that is still to be ordered."""
        return self.promise is not None and self.promise.status is PromiseStatus.PENDING

    @property
    def has_open_refusal(self) -> bool:
        """Whether whoever wanted no more calls is still to be put on the do-not-call list."""
        return (
            self.disposition == DO_NOT_CALL
            and self.other_number is not None
            and self.refusal_noted_at is None
        )

    @property
    def other_number(self) -> str | None:
        """The number of whom the agent talks to, as the carrier writes it; None where there is no telephone."""
        match self.direction:
            case Direction.OUTBOUND:
                return self.telephony.called_number
            case Direction.INBOUND:
                return self.telephony.caller_number
            case Direction.WEB:
                return None

    def with_delivery(self, delivery: Delivery) -> "Run":
        """Return the run with this in the place of its delivery to the same receiver."""
        if delivery.node_id is None:
            return replace(self, callback=delivery)
        webhooks = (delivery if each.node_id == delivery.node_id else each for each in self.webhooks)
        return replace(self, webhooks=tuple(webhooks))

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its instant, or since then for its dial."""
        return self.scheduled_at is not None and self.status is RunStatus.QUEUED

    @property
    def wanted_at(self) -> datetime:
        """When its call was to be placed."""
        return self.scheduled_at or self.created_at

    @property
    def has_taken_stream(self) -> bool:
        """Whether a streamer has taken the run by its present media stream."""
        return self.ownership is not None and self.ownership.stream_number >= self.stream_number

    def has_expired(self, now: datetime) -> bool:
        """Say whether it is a session that nobody has connected to in time."""
        return (
            self.session is not None
            and self.status is RunStatus.DIALING
            and self.ownership is None
            and now >= self.session.expires_at
        )

    @property
    def session_id(self) -> str:
        """The same run as a streaming session."""
        return f"sess_{self.id}"
