"""Placing a call that somebody orders: at once, or through the queue of the dialer."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from offhook.addresses import AddressPolicy
from offhook.agents.executable import Executable
from offhook.donotcall.ports import DoNotCallList
from offhook.errors import CarrierError, ConflictError, NotFoundError, StorageError
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ledger import Admission
from offhook.runs.model import NOT_ANSWERED, Run, RunStatus
from offhook.runs.placing.creating import RunCreator
from offhook.runs.placing.dialing import Dialing, failed_by
from offhook.runs.placing.orders import CallOrder, RunNumber, check_order, new_run
from offhook.runs.placing.permits import check_permitted
from offhook.runs.queues import WorkQueue
from offhook.runs.waking import AHEAD, seconds_until_due
from offhook.telephony.destinations import check_destination
from offhook.telephony.ports import CarrierAccount, DialPace, SecretBox, TelephonyRepository
from offhook.telephony.usecases import Line, choose_line, open_account


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
class _Prepared:
    """An order that nothing speaks against: its run, not stored yet, and the place that it asks for."""

    run: Run
    line: Line
    admission: Admission


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlacer:
    """Places outbound calls: takes a place among the live calls, creates the run, then dials.

    What is refused before the run exists leaves nothing behind: InvalidInputError, NotFoundError, NotConfiguredError,
    ForbiddenError for a destination or a number on the do-not-call list, LimitReachedError and QuotaExceededError.
    """

    ender: RunEnder
    dials: WorkQueue
    pace: DialPace
    do_not_call: DoNotCallList
    telephony: TelephonyRepository
    secret_box: SecretBox
    dialing: Dialing
    addresses: AddressPolicy

    @property
    def creator(self) -> RunCreator:
        """What makes its runs, and finds those that an earlier try of the same order has made."""
        return RunCreator(ender=self.ender)

    def place_call(self, order: CallOrder, executable: Executable, number: RunNumber, now: datetime) -> Run:
        """Create a run and dial; return the run, which is `dialing` from here on, also where the carrier is silent.

        Any other failure of the carrier fails the run and raises CallNotPlacedError.
        """
        prepared = self._prepare(order, executable, number.run_id, RunStatus.DIALING, now)
        account = open_account(self.secret_box, prepared.line.configuration)
        run, is_new = self.creator.create(
            prepared.run, prepared.admission, self.ender.ledgers.admit, number, now
        )
        if not is_new:
            return run
        try:
            return self._dial(run, account, now)
        except CarrierError as error:
            self._end(run, error)
            raise CallNotPlacedError(error, run.id) from error

    def queue_call(self, order: CallOrder, executable: Executable, number: RunNumber, now: datetime) -> Run:
        """Create a run that the dialer dials as soon as pace and limits allow; return it, `queued`."""
        prepared = self._prepare(order, executable, number.run_id, RunStatus.QUEUED, now)
        run, is_new = self.creator.create(
            prepared.run, prepared.admission, self.ender.ledgers.enqueue, number, now
        )
        if is_new:
            # The ledger knows that it waits: the reaper sends a message that is lost here.
            with suppress(StorageError):
                self.dials.send(run.id, delay_seconds=seconds_until_due(run, now))
        return run

    def schedule_call(
        self, order: CallOrder, executable: Executable, number: RunNumber, now: datetime
    ) -> Run:
        """Create a run that is dialled at the order's instant, as soon as pace and limits allow; return it, `queued`.

        Its place in the queue is taken shortly before, so that what waits for weeks is in nobody's way.
        """
        if order.scheduled_at is None or order.scheduled_at <= now + AHEAD:
            return self.queue_call(order, executable, number, now)
        prepared = self._prepare(order, executable, number.run_id, RunStatus.QUEUED, now)
        self.ender.ledgers.count_order(prepared.admission, now)
        run, _ = self.creator.create(prepared.run, prepared.admission, _no_place, number, now)
        return run

    def _prepare(
        self, order: CallOrder, executable: Executable, run_id: int, status: RunStatus, now: datetime
    ) -> _Prepared:
        check_order(order, self.addresses, now)
        profile = self.telephony.outbound_profile(executable.agent.organization_id)
        line = choose_line(
            profile,
            configuration_id=order.telephony_configuration_id,
            number_id=order.from_phone_number_id,
        )
        check_destination(profile, order.called_number)
        check_permitted(self.do_not_call, executable.agent.organization_id, order.called_number)
        run = new_run(order, executable, line, run_id=run_id, status=status, now=now)
        admission = Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=profile.limits,
            agent_limit=executable.most_at_once,
            key_id=order.key.id if order.key else None,
        )
        return _Prepared(run=run, line=line, admission=admission)

    def _dial(self, run: Run, account: CarrierAccount, now: datetime) -> Run:
        try:
            return self.dialing.dial(run, account)
        finally:
            # Nobody waits here, but the dialer is to know what the carrier was asked in these seconds.
            with suppress(StorageError):
                self.pace.note(account.pace_name, now)

    def _end(self, run: Run, error: CarrierError) -> None:
        # What the carrier said must reach the caller even where it can't be written down, or where a call came of it.
        with suppress(ConflictError, NotFoundError, StorageError):
            self.ender.end(failed_by(run, error), RunStatus.FAILED, is_told=True, only_from=NOT_ANSWERED)


def _no_place(_: Admission, __: datetime) -> None:
    """Take no place: that is done when the run is due."""
