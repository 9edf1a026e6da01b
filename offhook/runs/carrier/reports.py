"""What a carrier tells of calls, in values of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from offhook.json_types import JsonObject, JsonValue
from offhook.runs.model import RunStatus, TransferStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnnouncement:
    """A call that comes in; what the carrier does not say, or not in a form of ours, is None.

    `called_numbers` are the addresses that may be meant, in the form that we store, the likeliest first. The run keeps
    the `log`.
    """

    account: str | None
    call_id: str | None
    is_for_us: bool
    caller_number: str | None = field(default=None, repr=False)
    called_numbers: tuple[str, ...] = field(default=(), repr=False)
    log: JsonObject = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetails:
    """What the run of a call that comes in shall say of it.

    Its initial context is what the caller's side has `given`, and `stamps` beside those that every run has.
    """

    caller_number: str | None = field(default=None, repr=False)
    called_number: str | None = field(default=None, repr=False)
    given: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    stamps: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    gathered_context: JsonObject = field(default_factory=dict, repr=False)
    logs: JsonObject = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """The carrier's record of a call that is over, and how it ended; what it does not say is None."""

    account: str | None
    call_id: str | None
    status: RunStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReport:
    """How far a transfer is now, and why it failed; without a status it tells nothing that matters.

    `awaits_instruction` when the carrier waits to hear how the caller goes on.
    """

    status: TransferStatus | None
    reason: str | None = None
    awaits_instruction: bool = False
