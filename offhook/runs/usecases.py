"""Placing a call, and going on with one whose media stream has ended."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from offhook.agents.usecases import Executable
from offhook.errors import CarrierError, ConflictError, FieldProblem, InvalidInputError, StorageError
from offhook.ids import new_run_id, run_name
from offhook.json_types import JsonObject
from offhook.organizations.model import ApiKey
from offhook.runs.ending import RunEnder
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Direction, Mode, Run, RunError, RunStatus, RunTelephony, TriggerMode
from offhook.runs.ports import RunRepository
from offhook.runs.queues import WorkQueue
from offhook.telephony.cxml import connect_stream, hang_up
from offhook.telephony.links import CarrierLinks
from offhook.telephony.model import is_dialable
from offhook.telephony.ports import CARRIER_UNANSWERED, Carrier, SecretBox, TelephonyRepository
from offhook.telephony.usecases import Line, choose_line, open_account

MAX_INITIAL_CONTEXT_BYTES = 64 * 1024

MAX_STREAMS_PER_RUN = 100
"""A carrier whose every new stream fails at once would otherwise ask for the next one for ever."""

_ID_ATTEMPTS = 5
_NAME_PREFIX = {TriggerMode.PRODUCTION: "WR-API", TriggerMode.TEST: "WR-TEST"}


class CallNotPlacedError(CarrierError):
    """The carrier did not take the call; `run_id` names the failed run that records it."""

    def __init__(self, cause: CarrierError, run_id: int) -> None:
        super().__init__(
            cause.detail,
            may_have_acted=cause.may_have_acted,
            retry_after_seconds=cause.retry_after_seconds,
            code=cause.code,
        )
        self.run_id = run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """What somebody asks for: whom to call, with which context, in whose name."""

    key: ApiKey
    mode: TriggerMode
    agent_identifier: str
    phone_number: str
    initial_context: JsonObject = field(default_factory=dict)
    telephony_configuration_id: str | None = None
    from_phone_number_id: str | None = None

    def __repr__(self) -> str:
        return f"CallOrder({self.agent_identifier})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlacer:
    """Places outbound calls: creates the run, then dials."""

    runs: RunRepository
    ledgers: Ledgers
    ender: RunEnder
    dials: WorkQueue
    telephony: TelephonyRepository
    secret_box: SecretBox
    carrier: Carrier
    links: CarrierLinks

    def place_call(self, order: CallOrder, executable: Executable, now: datetime) -> Run:
        """Create a run and dial; return the run, which is `dialing` from here on.

        Silence of the carrier after the request was sent counts as dialing: the stream, a status callback or the
        lapse of time will tell. Any other failure of the carrier fails the run and raises CallNotPlacedError.
        Before the run exists raises InvalidInputError, NotFoundError or NotConfiguredError, with nothing stored.
        """
        check_order(order)
        line = choose_line(
            self.telephony,
            order.key.organization_id,
            configuration_id=order.telephony_configuration_id,
            number_id=order.from_phone_number_id,
        )
        account = open_account(self.secret_box, line.configuration)
        run = self._create(order, executable, line, now)
        try:
            call_id = self.carrier.dial(
                account,
                destination=order.phone_number,
                caller_id=line.number.address,
                cxml=stream_document(run, self.links),
                callback_url=self.links.status_callback_url(run.id),
            )
        except CarrierError as error:
            if error.code == CARRIER_UNANSWERED:
                return run
            self._fail(run, error, now)
            raise CallNotPlacedError(error, run.id) from error
        # The phone is ringing: an error from here on would make the caller order a second call.
        with suppress(StorageError):
            self.runs.set_call_id(run, call_id)
        return replace(run, telephony=replace(run.telephony, call_id=call_id))

    def _create(self, order: CallOrder, executable: Executable, line: Line, now: datetime) -> Run:
        for _ in range(_ID_ATTEMPTS - 1):
            run = _new_run(order, executable, line, now)
            try:
                self.runs.create(run)
            except ConflictError:
                continue
            return run
        run = _new_run(order, executable, line, now)
        self.runs.create(run)
        return run

    def _fail(self, run: Run, error: CarrierError, now: datetime) -> None:
        failed = replace(
            run,
            ended_at=now,
            disposition=RunStatus.FAILED.value,
            end_reason=error.code.replace("-", "_"),
            error=RunError(code=error.code, message=error.detail),
        )
        # What the carrier said must reach the caller even where it can't be written down.
        with suppress(ConflictError, StorageError):
            self.runs.advance(failed, RunStatus.FAILED)


def check_order(order: CallOrder) -> None:
    """Raise InvalidInputError unless the number can be dialled and the context is small enough."""
    problems = []
    if not is_dialable(order.phone_number):
        problems.append(
            FieldProblem(
                loc=("body", "phone_number"),
                msg="Write the number in E.164, such as +14155550100, or as a sip: URI.",
            )
        )
    if len(json.dumps(order.initial_context, ensure_ascii=False).encode()) > MAX_INITIAL_CONTEXT_BYTES:
        problems.append(
            FieldProblem(
                loc=("body", "initial_context"), msg="The context may have at most 64 KB of JSON: send less."
            )
        )
    if problems:
        raise InvalidInputError(problems[0].msg, problems=problems)


def stream_document(run: Run, links: CarrierLinks) -> str:
    """Return the CXML that opens the run's present media stream and then comes back to ask how to go on."""
    return connect_stream(
        name=f"{run.id}-{run.stream_number}",
        url=links.media_url(run.id, run.stream_number),
        redirect_url=links.continue_url(run.id),
    )


def continue_call(runs: RunRepository, links: CarrierLinks, run_id: int) -> str:
    """Return the CXML that follows an ended media stream: a new one for a live run, else a hang-up.

    Raises NotFoundError for a run that is not stored.
    """
    run = runs.get_for_carrier(run_id)
    if run.status.is_final or run.stream_number >= MAX_STREAMS_PER_RUN:
        return hang_up()
    try:
        return stream_document(runs.begin_stream(run), links)
    except ConflictError:
        return hang_up()


def _new_run(order: CallOrder, executable: Executable, line: Line, now: datetime) -> Run:
    version = executable.version
    run_id = new_run_id(now)
    return Run(
        id=run_id,
        organization_id=order.key.organization_id,
        name=run_name(_NAME_PREFIX[order.mode], 4),
        agent_uuid=executable.agent.uuid,
        version=version.number,
        is_draft=version.number == executable.agent.draft_version,
        status=RunStatus.DIALING,
        direction=Direction.OUTBOUND,
        mode=Mode.CLOUDONIX,
        created_at=now,
        started_at=now,
        initial_context={**order.initial_context, **_stamps(order, executable, line, run_id)},
        telephony=RunTelephony(
            configuration_id=line.configuration.id,
            caller_number=line.number.address,
            called_number=order.phone_number,
        ),
        stream_number=1,
    )


def _stamps(order: CallOrder, executable: Executable, line: Line, run_id: int) -> JsonObject:
    """Return what the system itself says about the call; the caller's context can't say otherwise."""
    return {
        "provider": line.configuration.provider.value,
        "direction": Direction.OUTBOUND.value,
        "phone_number": order.phone_number,
        "called_number": order.phone_number,
        "caller_number": line.number.address,
        "workflow_run_id": run_id,
        "workflow_uuid": executable.agent.uuid,
        "agent_uuid": executable.agent.uuid,
        "agent_identifier": order.agent_identifier,
        "trigger_mode": order.mode.value,
        "telephony_configuration_id": line.configuration.id,
        "from_phone_number_id": line.number.id,
        "api_key_id": order.key.id,
    }
