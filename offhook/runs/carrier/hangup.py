"""Ending a live run because somebody asks for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from offhook.errors import ConflictError, NotConfiguredError, NotFoundError
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.ender import RunEnder, ended_by
from offhook.runs.model import NOT_ANSWERED, Direction, Run, RunStatus
from offhook.telephony.instructions import Instruction
from offhook.telephony.ports import Carrier, CarrierAccount, SecretBox, TelephonyRepository
from offhook.telephony.usecases import open_account


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierCalls:
    """Asks for, switches and ends calls at the carrier, each with the credentials of its run's configuration.

    Every method raises CarrierError, NotConfiguredError when the credentials are gone or were never ours, and
    ConflictError `call-id-unknown` when the carrier has not told the call's id.
    """

    telephony: TelephonyRepository
    secret_box: SecretBox
    carrier: Carrier

    def hang_up(self, run: Run) -> None:
        """End the run's call."""
        self.carrier.hang_up(*self._call(run))

    def is_live(self, run: Run) -> bool:
        """Say whether the carrier still has the run's call."""
        return self.carrier.is_live(*self._call(run))

    def switch(self, run: Run, instruction: Instruction) -> None:
        """Have the run's call go on with this instruction."""
        account, call_id = self._call(run)
        self.carrier.switch(account, call_id, instruction)

    def _call(self, run: Run) -> tuple[CarrierAccount, str]:
        if run.telephony.call_id is None:
            raise _call_id_unknown()
        if run.telephony.configuration_id is None:
            raise _no_credentials()
        try:
            configuration = self.telephony.get(run.organization_id, run.telephony.configuration_id)
        except NotFoundError:
            raise _no_credentials() from None
        return open_account(self.secret_box, configuration), run.telephony.call_id


class Owners(Protocol):
    """Reaches the processes that hold calls."""

    def end(self, run: Run) -> None:
        """Have the owner of a run that talks end it; return when its log has its end.

        Raises ConflictError where nobody has the call, or its owner does not answer for it, and UnansweredError. Blocks.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUps:
    """Ends live runs on request, wherever they stand."""

    ender: RunEnder
    calls: CarrierCalls
    owners: Owners

    def hang_up(self, run: Run, now: datetime) -> Run:
        """End the run and return it; one whose call goes on at a streamer is ended by that, within seconds.

        Raises ConflictError `run-state` for a run that is over, `call-id-unknown` for one whose call can't be named
        yet, and CarrierError, after which the wish stands on the run and nothing else has changed; for a call that no carrier
        can end for us what `Owners.end` raises.
        """
        if run.direction is Direction.WEB or _is_beyond_us(run):
            return self._end_by_owner(run, now)
        if run.status is RunStatus.QUEUED:
            try:
                return self.ender.end(
                    ended_by(run, EndReason.HANGUP_REQUESTED),
                    RunStatus.CANCELED,
                    only_from=[RunStatus.QUEUED],
                )
            except ConflictError:
                # The dialer was faster: a phone may ring by now.
                run = self.ender.runs.get(run.organization_id, run.id)
        if not run.status.is_final and run.telephony.call_id is None:
            raise _call_id_unknown()
        # First the row: what the carrier and the streamer then report is read in its light.
        asked = self.ender.runs.request_hangup(run, now)
        self.calls.hang_up(asked)
        return asked if asked.status is RunStatus.IN_PROGRESS else self._cancel(asked)

    def cancel(self, run: Run) -> Run:
        """Call off a scheduled run that is not dialled yet, and return it; raise ConflictError `run-state` for any other."""
        return self.ender.end(
            ended_by(run, EndReason.HANGUP_REQUESTED), RunStatus.CANCELED, only_from=[RunStatus.QUEUED]
        )

    def _end_by_owner(self, run: Run, now: datetime) -> Run:
        asked = self.ender.runs.request_hangup(run, now)
        if asked.status is not RunStatus.IN_PROGRESS:
            reason = EndReason.EXPIRED if asked.has_expired(now) else EndReason.HANGUP_REQUESTED
            asked = self._cancel(asked, reason)
        if asked.status is RunStatus.IN_PROGRESS:
            self.owners.end(asked)
            return self.ender.runs.get(run.organization_id, run.id)
        return asked

    def _cancel(self, run: Run, reason: EndReason = EndReason.HANGUP_REQUESTED) -> Run:
        try:
            return self.ender.end(ended_by(run, reason), RunStatus.CANCELED, only_from=NOT_ANSWERED)
        except ConflictError:
            # The carrier's own report of the end was faster, or the callee: then the streamer ends the run.
            stored = self.ender.runs.get(run.organization_id, run.id)
            if stored.end_reason != EndReason.HANGUP_REQUESTED and stored.status is not RunStatus.IN_PROGRESS:
                raise
            return stored


def _is_beyond_us(run: Run) -> bool:
    """Say whether a call that talks came with credentials of the caller's own, which its owner alone has."""
    return run.status is RunStatus.IN_PROGRESS and run.telephony.configuration_id is None


def _call_id_unknown() -> ConflictError:
    return ConflictError(
        "The carrier has not confirmed the call yet, so it can't be told which one to end: try again in a moment.",
        code="call-id-unknown",
    )


def _no_credentials() -> NotConfiguredError:
    return NotConfiguredError(
        "The telephony configuration of this run is gone, so the carrier can't be told to end the call.",
        code="telephony-not-configured",
    )
