"""A call that the carrier announces by a webhook: whose it is, who says so, which agent answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from offhook.agents.executable import find_for_stream
from offhook.agents.ports import AgentRepository
from offhook.errors import ConflictError, InvalidInputError, NotFoundError, UnauthenticatedError
from offhook.ids import run_name
from offhook.runs.carrier.incoming import CallTaker, IncomingCall
from offhook.runs.carrier.reports import CallAnnouncement, CallDetails
from offhook.runs.model import Direction, Run
from offhook.runs.ports import RunRepository
from offhook.telephony.inbound import InboundAccount, check_webhook_key, find_account, number_called
from offhook.telephony.model import PhoneNumber
from offhook.telephony.ports import Carrier, SecretBox, TelephonyRepository
from offhook.telephony.usecases import open_account

_RUN_NAME_PREFIX, _RUN_NAME_DIGITS = "WR-TEL-IN", 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedCalls:
    """Takes announced calls; nothing is stored before the carrier is proved to speak.

    Raises NotFoundError where nobody answers, InvalidInputError for an announcement that does not name its call,
    UnauthenticatedError for one that proves to be none, ConflictError for one of a call that is over, CarrierError when
    the carrier can't be asked, and what CallTaker raises.
    """

    runs: RunRepository
    agents: AgentRepository
    telephony: TelephonyRepository
    secret_box: SecretBox
    carrier: Carrier
    taker: CallTaker

    def take(
        self, provider: str, announcement: CallAnnouncement, is_shown: Callable[[str], bool], now: datetime
    ) -> Run:
        """Return the call's run; `is_shown` says whether the webhook shows a key."""
        account = find_account(self.telephony, provider, announcement.account or "")
        if announcement.call_id is None:
            # Without its REST id, the call could never be ended.
            raise InvalidInputError("The webhook names no session.", code="session-missing")
        is_proved = check_webhook_key(self.secret_box, account.configuration, is_shown)
        known = self._known_run(account, announcement.call_id)
        if known is not None:
            return known
        if not is_proved:
            self._ask_carrier(account, announcement.call_id)
        number = number_called(account, announcement.called_numbers)
        if number is None or number.inbound_agent_uuid is None:
            raise NotFoundError("No agent answers at this number.", code="number-not-configured")
        return self.taker.take(self._call(announcement, announcement.call_id, account, number), now)

    def _ask_carrier(self, account: InboundAccount, call_id: str) -> None:
        at_carrier = open_account(self.secret_box, account.configuration)
        if not self.carrier.is_live(at_carrier, call_id, is_proved=False):
            raise UnauthenticatedError("The carrier knows of no such call.", code="session-unknown")

    def _known_run(self, account: InboundAccount, call_id: str) -> Run | None:
        """Return the live run that the call has, announced before or on an Agent Stream; None for a new call.

        Raises ConflictError for a call that is over or went out from us: a webhook that comes late, or again, must not
        begin a second run, nor open the stream of another call.
        """
        run_id = self.runs.find_call(account.configuration.call(call_id))
        for run in [] if run_id is None else self.runs.get_many([run_id]):
            if run.status.is_final or run.direction is not Direction.INBOUND:
                raise ConflictError("The call is over, or not one that came to us.", code="call-spent")
            return run
        return None

    def _call(
        self, announcement: CallAnnouncement, call_id: str, account: InboundAccount, number: PhoneNumber
    ) -> IncomingCall:
        configuration = account.configuration
        return IncomingCall(
            executable=find_for_stream(
                self.agents, number.inbound_agent_uuid or "", configuration.organization_id
            ),
            at_carrier=configuration.call(call_id),
            name=run_name(_RUN_NAME_PREFIX, _RUN_NAME_DIGITS),
            configuration_id=configuration.id,
            details=CallDetails(
                caller_number=announcement.caller_number,
                called_number=number.address,
                stamps={"telephony_configuration_id": configuration.id},
                gathered_context={"call_id": call_id},
                logs={"inbound_webhook": {**announcement.log, "from_phone_number_id": number.id}},
            ),
        )
