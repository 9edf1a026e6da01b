"""What somebody orders: a call, with what the agent shall know about it, and the run that records it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offhook.addresses import AddressPolicy, UnsafeAddressError
from offhook.agents.executable import Executable
from offhook.dialable import HOW_TO_WRITE, is_dialable
from offhook.errors import FieldProblem, InvalidInputError
from offhook.ids import run_name
from offhook.json_types import JsonObject
from offhook.organizations.model import ApiKey
from offhook.runs.making import run_of
from offhook.runs.model import Delivery, Direction, Run, RunStatus, RunTelephony, TriggerMode
from offhook.runs.waking import MOST_AHEAD
from offhook.telephony.usecases import Line

MAX_INITIAL_CONTEXT_BYTES = 64 * 1024
MAX_CALLBACK_URL_CHARACTERS = 2000

# A request for now takes a moment to come, and clocks differ.
_MOST_LATE = timedelta(minutes=1)

_NAME_PREFIX = {TriggerMode.PRODUCTION: "WR-API", TriggerMode.TEST: "WR-TEST"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNumber:
    """The id that a new run is to have.

    `is_repeated` when an earlier try of the same order may have made the run; `another` chooses an id in place of one
    that is taken, and records it wherever the first was recorded.
    """

    run_id: int
    another: Callable[[], int] = field(repr=False)
    is_repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """What somebody asks for: whom to call, with which context, in whose name, when, and where to tell the end.

    A call-back that was promised to somebody who had called is in the name of no key.
    """

    key: ApiKey | None
    mode: TriggerMode
    agent_identifier: str
    called_number: str
    initial_context: JsonObject = field(default_factory=dict)
    telephony_configuration_id: str | None = None
    from_phone_number_id: str | None = None
    callback_url: str | None = None
    scheduled_at: datetime | None = None

    def __repr__(self) -> str:
        return f"CallOrder({self.agent_identifier})"


def check_order(order: CallOrder, addresses: AddressPolicy, now: datetime) -> None:
    """Raise InvalidInputError unless it can be dialled, and then, the context is small and the callback may be sent."""
    found = (_number_problem(order), _context_problem(order), _instant_problem(order, now))
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise InvalidInputError(problems[0].msg, problems=problems)
    check_callback(order.callback_url, addresses)


def check_callback(url: str | None, addresses: AddressPolicy) -> None:
    """Raise UnsafeAddressError, which names the field, for a callback that must not be sent."""
    if url is not None:
        try:
            addresses.check_url(url)
        except UnsafeAddressError as error:
            raise error.within("callback_url") from None


def new_run(
    order: CallOrder, executable: Executable, line: Line, *, run_id: int, status: RunStatus, now: datetime
) -> Run:
    """Return the run of an order, `dialing` or `queued`."""
    configuration, number = line.configuration, line.number
    run = run_of(
        executable,
        run_id=run_id,
        name=run_name(_NAME_PREFIX[order.mode], 4),
        status=status,
        direction=Direction.OUTBOUND,
        mode=configuration.provider,
        telephony=RunTelephony(
            configuration_id=configuration.id, caller_number=number.address, called_number=order.called_number
        ),
        given=order.initial_context,
        stamps={
            "phone_number": order.called_number,
            "workflow_uuid": executable.agent.uuid,
            "agent_identifier": order.agent_identifier,
            "trigger_mode": order.mode.value,
            "telephony_configuration_id": configuration.id,
            "from_phone_number_id": number.id,
            "api_key_id": order.key.id if order.key else None,
        },
        now=now,
    )
    callback = None if order.callback_url is None else Delivery(url=order.callback_url)
    return replace(run, stream_number=1, callback=callback, scheduled_at=order.scheduled_at)


def renumbered(run: Run, run_id: int) -> Run:
    """Return a run that is not stored yet under another id."""
    return replace(run, id=run_id, initial_context={**run.initial_context, "workflow_run_id": run_id})


def _number_problem(order: CallOrder) -> FieldProblem | None:
    if is_dialable(order.called_number):
        return None
    return FieldProblem(loc=("phone_number",), msg=HOW_TO_WRITE)


def _context_problem(order: CallOrder) -> FieldProblem | None:
    if len(json.dumps(order.initial_context, ensure_ascii=False).encode()) <= MAX_INITIAL_CONTEXT_BYTES:
        return None
    return FieldProblem(
        loc=("initial_context",), msg="The context may have at most 64 KB of JSON: send less."
    )


def _instant_problem(order: CallOrder, now: datetime) -> FieldProblem | None:
    if order.scheduled_at is None or -_MOST_LATE <= order.scheduled_at - now <= MOST_AHEAD:
        return None
    return FieldProblem(
        loc=("scheduled_at",),
        msg=f"Calls are scheduled up to {MOST_AHEAD.days} days ahead, and not in the past: send another instant, or none "
        "for a call at once.",
    )
