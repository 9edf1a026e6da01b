"""The dial itself, the same for a call that is placed at once and for one that has waited."""

from contextlib import suppress
from dataclasses import dataclass, replace

from offhook.errors import CarrierError, OffhookError, StorageError
from offhook.runs.carrier.continuing import open_stream
from offhook.runs.model import Run, RunError, RunStatus
from offhook.runs.ports import RunRepository
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import CARRIER_UNANSWERED, Carrier, CarrierAccount, DialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialing:
    """Asks the carrier to call for a run that is `dialing` already, once and never again."""

    runs: RunRepository
    carrier: Carrier
    links: CarrierLinks

    def dial(self, run: Run, account: CarrierAccount) -> Run:
        """Return the run with the carrier's id of the call.

        Silence after the request was sent counts as dialing: the stream, a status callback or the lapse of time will
        tell. Any other failure of the carrier is raised as its CarrierError.
        """
        try:
            call_id = self.carrier.dial(account, self._request(run))
        except CarrierError as error:
            if error.code == CARRIER_UNANSWERED:
                return run
            raise
        # The phone is ringing: an error from here on would make the caller order a second call.
        with suppress(StorageError):
            self.runs.set_call_id(run, call_id)
            # The carrier's CDR names nothing else than the call.
            self.runs.claim_call(account.call(run.organization_id, call_id), run.id)
        return replace(run, telephony=replace(run.telephony, call_id=call_id))

    def _request(self, run: Run) -> DialRequest:
        return DialRequest(
            called_number=run.telephony.called_number or "",
            caller_number=run.telephony.caller_number or "",
            instruction=open_stream(run, self.links),
            status_url=self.links.status_callback_url(run.mode, run.id),
        )


def failed_by(run: Run, error: OffhookError) -> Run:
    """Return the run as it is to be stored when this error has ended it."""
    return replace(
        run,
        disposition=RunStatus.FAILED.value,
        end_reason=error.code.replace("-", "_"),
        error=RunError(code=error.code, message=error.detail),
    )
