"""The carrier's webhook for a call that comes in: answered with what to do with it, whatever happens here."""

import logging
from collections.abc import Mapping, Sequence

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from functions.http.json_body import BodyTooSlowError, BoundedRequest
from functions.http.routing import OpenRoute, Routes
from functions.telephony.callback_body import read_fields
from functions.telephony.carrier_bodies import (
    CallAnnouncement,
    carrier_call,
    is_from_cloudonix,
    offered_keys,
    read_announcement,
)
from functions.telephony.routes import CXML_REPLIES
from functions.telephony.services import TelephonyServices
from offhook.agents.usecases import find_for_stream
from offhook.errors import (
    CarrierError,
    ConflictError,
    InvalidInputError,
    LimitReachedError,
    NotFoundError,
    OffhookError,
    QuotaExceededError,
    UnauthenticatedError,
)
from offhook.ids import run_name
from offhook.json_types import JsonObject
from offhook.runs.carrier.continuing import stream_document
from offhook.runs.carrier.incoming import IncomingCall
from offhook.runs.model import Direction, Run
from offhook.telephony.cxml import CONTENT_TYPE, hang_up, say_and_hang_up
from offhook.telephony.inbound import (
    InboundDomain,
    caller_address,
    check_webhook_key,
    find_domain,
    number_called,
)
from offhook.telephony.model import PhoneNumber
from offhook.telephony.usecases import open_account

logger = logging.getLogger("offhook.http.inbound")

_RUN_NAME_PREFIX, _RUN_NAME_DIGITS = "WR-TEL-IN", 8
_TO_US = ("inbound", "subscriber")
_NOT_IN_SERVICE = "The number you have called is not in service. Goodbye."
_BUSY = "All our lines are busy at the moment. Please call again in a few minutes. Goodbye."
_UNAVAILABLE = "We can't take your call at present. Please call again another day. Goodbye."
# What a caller is told. After anything else the call just ends: a forger learns nothing, and of what is broken in us
# the caller need not hear.
_SENTENCES: Sequence[tuple[type[OffhookError], str]] = (
    (InvalidInputError, _NOT_IN_SERVICE),
    (NotFoundError, _NOT_IN_SERVICE),
    (LimitReachedError, _BUSY),
    (CarrierError, _BUSY),
    (QuotaExceededError, _UNAVAILABLE),
)

_BODY = {
    "Direction": "inbound",
    "Domain": "acme.cloudonix.net",
    "Session": "sess-0f3b",
    "CallSid": "CA4411",
    "CallStatus": "ringing",
    "From": "+14155550123",
    "To": "+12025550100",
}
# No schema says more: any body is answered, if only with a hang-up.
_REQUEST_BODY = {
    "application/json": {"schema": {}, "example": _BODY},
    "application/x-www-form-urlencoded": {"schema": {}, "example": _BODY},
}


class InboundRoutes(Routes[TelephonyServices]):
    """Takes calls that the carrier announces, at one address for every domain."""

    tag = "telephony"

    @OpenRoute("/telephony/inbound/run", CXML_REPLIES, _REQUEST_BODY, response_class=Response)
    async def take_inbound_call(self, request: Request) -> Response:
        """Take a call that the carrier announces."""
        # The carrier only understands CXML: an error page would leave the caller on a silent line.
        try:
            document = await self._document(request)
        except OffhookError as error:
            logger.warning("inbound call refused", extra={"code": error.code})
            return _refusal(error)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 (the top of a request)
            logger.error("inbound call failed", extra={"error_type": type(error).__name__})  # noqa: TRY400
            document = hang_up()
        return Response(document, media_type=CONTENT_TYPE)

    async def _document(self, request: Request) -> str:
        body = await BoundedRequest(request.scope, request.receive).body()
        fields = read_fields(body, request.headers.get("content-type", ""))
        if not is_from_cloudonix(request.headers, fields):
            raise InvalidInputError("The webhook is of no carrier that we know.", code="provider-unknown")
        announcement = read_announcement(fields)
        if announcement.direction not in _TO_US:
            return hang_up()
        run = await run_in_threadpool(self._take, request.headers, announcement)
        return stream_document(run, self._services.links)

    def _take(self, headers: Mapping[str, str], announcement: CallAnnouncement) -> Run:
        """Return the call's run; nothing is stored before the carrier is proved to speak."""
        services = self._services
        domain = _domain(services, announcement)
        session = _session(announcement)
        self._authenticate(headers, domain, session)
        known = self._known_run(domain, session)
        if known is not None:
            return known
        number = number_called(domain, announcement.called or "")
        if number is None or number.inbound_agent_uuid is None:
            raise NotFoundError("No agent answers at this number.", code="number-not-configured")
        call = self._call(announcement, domain, number, session)
        return services.taker.take(call, services.clock())

    def _authenticate(self, headers: Mapping[str, str], domain: InboundDomain, session: str) -> None:
        services, configuration = self._services, domain.configuration
        if check_webhook_key(services.secret_box, configuration, offered_keys(headers)):
            return
        if not services.carrier.is_live(open_account(services.secret_box, configuration), session):
            raise UnauthenticatedError("The carrier knows of no such call.", code="session-unknown")

    def _call(
        self, announcement: CallAnnouncement, domain: InboundDomain, number: PhoneNumber, session: str
    ) -> IncomingCall:
        """Return the call with what its agent runs; raise NotFoundError for an agent that takes no calls."""
        configuration = domain.configuration
        caller = caller_address(announcement.caller or "")
        return IncomingCall(
            executable=find_for_stream(
                self._services.agents, number.inbound_agent_uuid or "", configuration.organization_id
            ),
            cloudonix_domain=configuration.cloudonix_domain,
            session=session,
            name=run_name(_RUN_NAME_PREFIX, _RUN_NAME_DIGITS),
            configuration_id=configuration.id,
            caller=caller,
            called=number.address,
            initial_context={
                "provider": configuration.provider.value,
                "direction": Direction.INBOUND.value,
                "telephony_configuration_id": configuration.id,
                "called_number": number.address,
                **({"caller_number": caller} if caller else {}),
            },
            gathered_context={"call_id": session},
            logs={"inbound_webhook": _log(announcement, domain, number, session)},
        )

    def _known_run(self, domain: InboundDomain, session: str) -> Run | None:
        """Return the live run that the call has, announced here before or on an Agent Stream; None for a new call.

        Raises ConflictError for a call that is over or went out from us: a webhook that comes late, or again, must not
        begin a second run, nor open the stream of another call.
        """
        runs = self._services.runs
        run_id = runs.find_call(carrier_call(domain.configuration, session))
        for run in [] if run_id is None else runs.get_many([run_id]):
            if run.status.is_final or run.direction is not Direction.INBOUND:
                raise ConflictError("The call is over, or not one that came to us.", code="call-spent")
            return run
        return None


def _domain(services: TelephonyServices, announcement: CallAnnouncement) -> InboundDomain:
    name = announcement.cloudonix_domain
    domain = None if name is None else find_domain(services.telephony, name)
    if domain is None:
        raise NotFoundError("Nobody has verified this domain here.", code="domain-not-verified")
    return domain


def _session(announcement: CallAnnouncement) -> str:
    if announcement.session is None:
        # CallSid is no substitute: the carrier's REST API does not know it, so the call could never be ended.
        raise InvalidInputError("The webhook names no session.", code="session-missing")
    return announcement.session


def _log(
    announcement: CallAnnouncement, domain: InboundDomain, number: PhoneNumber, session: str
) -> JsonObject:
    cloudonix_domain = domain.configuration.cloudonix_domain
    return {
        "account_id": cloudonix_domain,
        "from_country": announcement.from_country,
        "to_country": announcement.to_country,
        "from_phone_number_id": number.id,
        "domain": cloudonix_domain,
        "session": session,
    }


def _refusal(error: OffhookError) -> Response:
    sentences = [sentence for kind, sentence in _SENTENCES if isinstance(error, kind)]
    document = say_and_hang_up(sentences[0]) if sentences else hang_up()
    # The rest of a slow body may still come, and would be taken for the next request.
    headers = {"Connection": "close"} if isinstance(error, BodyTooSlowError) else {}
    return Response(document, headers=headers, media_type=CONTENT_TYPE)
