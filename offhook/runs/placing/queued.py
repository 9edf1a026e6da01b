"""Dialling the runs that wait for it, one at a time, as pace and limits allow."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offhook.agents.executable import Executable
from offhook.agents.model import AgentStatus
from offhook.agents.ports import AgentRepository
from offhook.donotcall.ports import DoNotCallList
from offhook.errors import (
    CarrierError,
    ConflictError,
    ForbiddenError,
    LimitReachedError,
    NotConfiguredError,
    NotFoundError,
    OffhookError,
    StorageError,
)
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ledger import Admission
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.campaigns import HELD_BACK, CampaignGate
from offhook.runs.placing.dialing import Dialing, failed_by
from offhook.runs.placing.permits import check_permitted
from offhook.runs.queues import WorkQueue
from offhook.runs.waking import seconds_until_due
from offhook.telephony.destinations import check_destination
from offhook.telephony.model import OutboundProfile, TelephonyConfiguration
from offhook.telephony.ports import CarrierAccount, DialPace, SecretBox, TelephonyRepository
from offhook.telephony.usecases import open_account

logger = logging.getLogger(__name__)

MAX_WAIT = timedelta(hours=1)
"""A call that was ordered longer ago than this is not wanted any more."""

_PASSING = ("concurrency-limit", "rate-limit")
_MAX_DELAY_SECONDS = 900
_SPREAD_SECONDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedCalls:
    """Takes queued runs to their dial. What is asked for twice is done once: the run's own status decides.

    Most runs are no campaign's, so `campaigns` makes what is asked about those when the first one comes.
    """

    ender: RunEnder
    dials: WorkQueue
    pace: DialPace
    do_not_call: DoNotCallList
    campaigns: Callable[[], CampaignGate]
    organizations: OrganizationRepository
    agents: AgentRepository
    telephony: TelephonyRepository
    secret_box: SecretBox
    dialing: Dialing

    def dial(self, run_id: int, now: datetime) -> None:
        """Dial the run, or have it looked at again later, or fail it; do nothing for one that waits no more.

        Raises StorageError, after which the same may be asked for again.
        """
        run = next(iter(self.ender.runs.get_many([run_id])), None)
        if run is None or run.status is not RunStatus.QUEUED:
            return
        try:
            wait_seconds = self._try(run, now)
        except StorageError:
            raise
        except OffhookError as error:
            is_no_attempt = run.campaign is not None and error.code in HELD_BACK
            (self._hold_back if is_no_attempt else self._fail)(run, error)
            return
        if wait_seconds:
            # Its id spreads what was queued at one moment.
            delay_seconds = min(wait_seconds + run.id % _SPREAD_SECONDS, _MAX_DELAY_SECONDS)
            self.dials.send(run.id, delay_seconds=delay_seconds)

    def _try(self, run: Run, now: datetime) -> int:
        """Dial and return 0, or return how many seconds to wait; raise what speaks against the call for good."""
        if early_seconds := seconds_until_due(run, now):
            return early_seconds
        check_age(run, now)
        profile = self.telephony.outbound_profile(run.organization_id)
        configuration = _configuration(profile, run)
        _check_caller_number(profile, configuration, run)
        check_destination(profile, run.telephony.called_number or "")
        check_permitted(self.do_not_call, run.organization_id, run.telephony.called_number or "")
        self._check_key(run, now)
        agent_limit = self._agent_limit(run)
        account = open_account(self.secret_box, configuration)
        campaign = self.campaigns().open(run, run.campaign, profile.limits, now) if run.campaign else None
        if wait_seconds := self.pace.wait_seconds(account.pace_name, now):
            return wait_seconds
        # No key: its rate was counted when it was queued.
        admission = Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=profile.limits,
            agent_limit=agent_limit,
            campaign=campaign,
        )
        try:
            self.ender.ledgers.admit(admission, now)
        except LimitReachedError as error:
            if error.code not in _PASSING:
                raise
            return error.retry_after_seconds
        if started := self._start(run, now):
            self._dial(started, account)
        return 0

    def _dial(self, started: Run, account: CarrierAccount) -> None:
        try:
            self.dialing.dial(started, account)
        except CarrierError as error:
            self._fail(started, error)
        else:
            logger.info("queued run dialled", extra={"run_id": started.id})

    def _check_key(self, run: Run, now: datetime) -> None:
        """Raise unless the key that ordered the call may still order one: archiving it stops what it has queued."""
        if run.promised_in is not None and "api_key_id" not in run.initial_context:
            # Promised to somebody who had called.
            return
        key = self.organizations.get_key(run.organization_id, str(run.initial_context["api_key_id"]))
        if not key.is_usable(now):
            raise ForbiddenError(
                "The API key that ordered the call was archived or has expired while it waited.",
                code="api-key-not-usable",
            )

    def _agent_limit(self, run: Run) -> int | None:
        agent = self.agents.get(run.organization_id, run.agent_uuid)
        if agent.status is not AgentStatus.ACTIVE:
            raise NotFoundError("The agent was archived while the call waited.", code="agent-archived")
        version = self.agents.get_version(run.agent_uuid, run.version)
        return Executable(agent=agent, version=version).most_at_once

    def _start(self, run: Run, now: datetime) -> Run | None:
        """Return the run, now `dialing`; None when it is another's to dial, or nobody's."""
        try:
            return self.ender.runs.advance(run, RunStatus.DIALING)
        except ConflictError:
            for stored in self.ender.runs.get_many([run.id]):
                # Whoever ended it meanwhile could not give back the place that we took after that.
                if stored.status.is_final:
                    self.ender.ledgers.release(stored, now)
            return None

    def _hold_back(self, run: Run, error: OffhookError) -> None:
        """End a run that nobody hears of but its campaign, for which it was no attempt."""
        with suppress(ConflictError):
            ended = replace(failed_by(run, error), disposition=RunStatus.CANCELED.value)
            self.ender.end(ended, RunStatus.CANCELED, only_from=[run.status], is_void=True)
            logger.info("queued run held back", extra={"run_id": run.id, "code": error.code})

    def _fail(self, run: Run, error: OffhookError) -> None:
        # One that stands elsewhere by now was dialled for another message, or is heard of from the carrier.
        with suppress(ConflictError):
            self.ender.end(failed_by(run, error), RunStatus.FAILED, only_from=[run.status])
            logger.info("queued run failed", extra={"run_id": run.id, "code": error.code})


def check_age(run: Run, now: datetime) -> None:
    """Raise unless somebody still wants the call of a run that waits for its dial."""
    if now - run.wanted_at > MAX_WAIT:
        raise OffhookError(
            "The call waited for more than an hour, so it was not placed.", code="queue-timeout"
        )


def _configuration(profile: OutboundProfile, run: Run) -> TelephonyConfiguration:
    for configuration in profile.configurations:
        if configuration.id == run.telephony.configuration_id:
            return configuration
    raise NotConfiguredError(
        "The telephony configuration was removed while the call waited.", code="telephony-not-configured"
    )


def _check_caller_number(profile: OutboundProfile, configuration: TelephonyConfiguration, run: Run) -> None:
    if all(number.address != run.telephony.caller_number for number in profile.numbers_of(configuration.id)):
        raise NotConfiguredError(
            "The number that the call was to come from was removed while it waited.",
            code="telephony-not-configured",
        )
