"""What runs need from the outside: a store for rows, a store for logs, and a place for audio and text."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from offhook.errors import OffhookError
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import (
    Delivery,
    Direction,
    Moment,
    Ownership,
    Promise,
    Run,
    RunStatus,
    RunTransfer,
    TransferStatus,
)
from offhook.telephony.model import CarrierCall

MAX_EVENTS_PER_FLUSH = 64
"""Bounds one stored item, and lets a reader find the item that holds a given seq with one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs to list; every field narrows. `statuses` are those that a run may have, any where there are none.

    `has_expired` wants sessions that nobody connected to in time, or runs that are none.
    """

    agent_uuid: str | None = None
    campaign_id: str | None = None
    statuses: tuple[RunStatus, ...] = ()
    has_expired: bool | None = None
    direction: Direction | None = None
    disposition: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    caller: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Runs, newest first; `next_before_id` continues the list below that id, None at its end.

    A page may be short or empty although more follow: a filter looks at a bounded number of rows.
    """

    runs: tuple[Run, ...]
    next_before_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNeighbours:
    """The runs beside one in a list, by their ids; None where none is near."""

    older: int | None
    newer: int | None


class RunRepository(Protocol):
    """Stored runs. Every method is synchronous and may block for a network round trip."""

    def create(self, run: Run) -> None:
        """Store a new run, one that is scheduled together with its wake; raise ConflictError when its id is taken."""

    def get(self, organization_id: str, run_id: int) -> Run:
        """Return the run; raise NotFoundError when it is not this organization's."""

    def get_for_carrier(self, run_id: int) -> Run:
        """Return a run that a verified carrier token names, whatever its organization; raise NotFoundError."""

    def claim_call(self, call: CarrierCall, run_id: int, *, in_place_of: int | None = None) -> int:
        """Make this the run of a carrier's call in this organization unless it has one; return the id of the one it has.

        `in_place_of` is a run, over by now, that the call may have had until now.
        """

    def find_call(self, call: CarrierCall) -> int | None:
        """Return the id of the run that a carrier's call has in this organization; None when it has none."""

    def release_call(self, call: CarrierCall, run_id: int) -> None:
        """Forget that the call has this run, which was never made."""

    def get_many(self, run_ids: Sequence[int]) -> Sequence[Run]:
        """Return those of these runs that are stored, whatever their organization, in any order."""

    def list(self, organization_id: str, filter_: RunFilter, *, limit: int, before_id: int | None) -> RunPage:
        """Return runs newest first, those with an id below `before_id`.

        They come without ownership, logs, retention, number of streams, transfer, moment and wish to hang up. The cost does not
        depend on depth. Of the filter's instants `created_from` is included, `created_to` is not.
        """

    def ids(self, organization_id: str, filter_: RunFilter, *, ascending: bool = False) -> Iterator[int]:
        """Yield the ids of runs, newest first unless ascending, a thousand looked at for each that is asked for.

        It ends after 10,200 runs, and after 5,000 where a filter looks at each.
        """

    def neighbours(self, organization_id: str, filter_: RunFilter, run_id: int) -> RunNeighbours:
        """Return the runs beside this id in the list that the filter makes, of the 250 runs to either side where it looks at each."""

    def advance(
        self, run: Run, status: RunStatus, *, only_from: Collection[RunStatus] = tuple(RunStatus)
    ) -> Run:
        """Move the run forward to `status`, with the instants that come with it, and return the stored run.

        What `run` shows of disposition, end_reason and error is stored too; None leaves what is stored. Raises
        ConflictError when the stored status does not allow it, or is none of `only_from`.
        """

    def set_call_id(self, run: Run, call_id: str) -> None:
        """Record the carrier's id of the call; raise NotFoundError when there is no such run."""

    def request_hangup(self, run: Run, now: datetime) -> Run:
        """Record that somebody wants a live run ended, and return it; raise ConflictError when it is over.

        When its call ends, whoever settles it can tell this from a caller who hung up. The first such wish stays.
        """

    def begin_transfer(self, run_id: int, ownership: Ownership, transfer: RunTransfer) -> None:
        """Record a transfer that begins, in place of any before; raise OwnershipLostError when the run is not ours."""

    def name_transfer_call(self, run_id: int, ownership: Ownership, call_id: str) -> None:
        """Record the carrier's id of the call to the other person; raise OwnershipLostError."""

    def note_transfer(self, run_id: int, number: int, status: TransferStatus, reason: str | None) -> bool:
        """Record what the carrier tells of the transfer with this number, whatever its run's organization.

        Return False where that is not the run's latest transfer, or is as far already. Raises NotFoundError.
        """

    def note_settled(self, run: Run) -> Run:
        """Record that the campaign of a run knows what became of it, and return the run; harmless when done again."""

    def note_delivery(self, run: Run, delivery: Delivery) -> None:
        """Record how far a delivery of a run is; raise NotFoundError when there is no such run.

        Conditional on the status and the attempts that `run` shows of it: raises ConflictError `delivery-taken` when
        another process has noted something since.
        """

    def note_promise(self, run: Run, promise: Promise) -> None:
        """Record how far the call-back is that was promised in a run; raise NotFoundError.

        Conditional on the status and the id that `run` shows: raises ConflictError `promise-taken` when another process
        has noted something since.
        """

    def note_review(self, run: Run, reviewed: Run) -> None:
        """Record how far a run's review is, with its annotations and its disposition; raise NotFoundError.

        Conditional on the status and the attempts of the review that `run` shows: raises ConflictError `review-taken`
        when another process has noted something since. With its end the disposition is counted, in the same write.
        """

    def note_refusal(self, run: Run, now: datetime) -> Run:
        """Record that whoever wanted no more calls is on the do-not-call list; raise NotFoundError."""

    def expired(self, day: date, *, after: int = 0, limit: int) -> Sequence[int]:
        """Return ids of runs whose retention ends on this day (UTC), at most `limit`: the lowest above `after`, in order."""

    def delete(self, run: Run) -> None:
        """Remove the row of a finished run; doing it again is harmless. Raises ConflictError for a live one."""

    def begin_stream(self, run: Run) -> Run:
        """Raise `stream_number` by one for a live run and return the run; raise ConflictError when it is over."""

    def repeat_stream(self, run: Run) -> Run:
        """Raise `stream_repeats` by one for a live run and return the run; raise ConflictError when it is over."""

    def take_over(self, run: Run, owner: str, lease_until: datetime, address: str = "") -> Run:
        """Make `owner`, which listens at `address`, the run's owner with the next epoch, and return the run.

        Conditional on the epoch that `run` shows; raises OwnershipLostError when another was faster, ConflictError
        when the run is over.
        """

    def renew(self, run_id: int, ownership: Ownership, moment: Moment | None = None) -> None:
        """Extend the lease to `ownership.lease_until`; raise OwnershipLostError when the epoch is no longer ours.

        With it goes where the call stands, for those who list calls.
        """

    def finish(self, run: Run, ownership: Ownership) -> Run:
        """Write the final row (status, contexts, usage, cost, latency, error, keys), give up the ownership, return the stored run.

        Conditional on the epoch; raises OwnershipLostError. A final status that a callback has stored meanwhile
        stays, with its instant.
        """


class EventLog(Protocol):
    """The append-only log of each run. Every method is synchronous and may block for a network round trip."""

    def append(self, run_id: int, entries: Sequence[LogEntry]) -> None:
        """Store 1 to MAX_EVENTS_PER_FLUSH consecutive entries as one item keyed by the first seq.

        Doing it again after a lost reply is harmless. Raises OwnershipLostError when an item with that key holds
        anything but these: somebody else has appended.
        """

    def delete(self, run_id: int) -> None:
        """Remove the whole log of a run that is over; doing it again is harmless."""

    def read(self, run_id: int, *, after_seq: int = 0, consistent: bool = False) -> Iterator[LogEntry]:
        """Yield the entries with a seq above `after_seq`, in order; reading is lazy, page by page."""

    def follow(self, run_id: int, last_seq: int) -> Iterator[LogEntry]:
        """Yield what was appended after `last_seq`, which is 0 or the last of a flush; nothing older is looked at."""

    def ends(self, run_id: int) -> tuple[int, int]:
        """Return the oldest and the newest seq of the log as it is now, which ends a flush; 0 and 0 of an empty one."""


MOST_WAITS = 16
"""Requests of one organization that may wait for events at a time, whichever processes they are at."""


class WaitPlaces(Protocol):
    """Who waits for events: each request holds a process of its own on Lambda, which calls need too. Blocks."""

    def take(self, organization_id: str, now: datetime, until: datetime) -> int | None:
        """Take one of the organization's places until then, and return its number; None where none was found free."""

    def leave(self, organization_id: str, number: int, until: datetime) -> None:
        """Give a place back that was taken until then."""


LINK_SECONDS = 15 * 60
"""How long a link is good that the API gives out."""


class MediaStore(Protocol):
    """Where audio and transcripts lie, by key."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store one object, replacing what lies there."""

    def get(self, key: str) -> bytes:
        """Return one object's bytes; raise NotFoundError."""

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that start with `prefix`, in order."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are no error."""

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        """Return a URL that anybody can read the object from for `seconds`."""


class DeliveryError(OffhookError):
    """A tenant's address did not answer; `retryable` says whether it may later."""

    code = "delivery-failed"

    def __init__(self, detail: str, *, retryable: bool = True) -> None:
        super().__init__(detail)
        self.retryable = retryable


MAX_REPLY_BYTES = 64 * 1024
REQUEST_LIMIT_S = 10.0
"""How long a tenant's address may take to answer, whoever asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a tenant's address answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Courier(Protocol):
    """Goes to addresses that tenants supply, and to nowhere else. Synchronous; every call has a time limit.

    Redirects are not followed. Raises UnsafeAddressError for an address that is not allowed, DeliveryError when nothing
    that can be read came back.
    """

    def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Reply:
        """Deliver JSON, or nothing where there is no body; of what came back only status and headers are read."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = REQUEST_LIMIT_S,
        most_bytes: int = MAX_REPLY_BYTES,
    ) -> Reply:
        """Ask for something, and return the reply within `timeout` seconds, name resolution and all.

        Its body is cut at `most_bytes`.
        """
