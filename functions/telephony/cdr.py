"""The carrier's record of each call that is over (CDR): settles a run that nothing else has settled."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from functions.http.json_body import BoundedRequest
from functions.http.routing import OpenRoute, Replies, Routes, problem_responses
from functions.telephony.callback_body import read_json_fields
from functions.telephony.carrier_bodies import Cdr, carrier_call, offered_keys, read_cdr
from functions.telephony.services import TelephonyServices
from offhook.errors import CarrierError, InvalidInputError, NotFoundError, UnauthenticatedError
from offhook.runs.carrier.status import apply_carrier_status, is_news, status_of_disposition
from offhook.runs.model import Run
from offhook.telephony.inbound import InboundDomain, check_webhook_key, find_domain
from offhook.telephony.usecases import open_account

logger = logging.getLogger("offhook.http.cdr")

_EXAMPLE = {
    "domain": "acme.cloudonix.net",
    "session": {"token": "sess-0f3b"},
    "disposition": "NOANSWER",
    "duration": 31,
    "billsec": 0,
}
# No schema says more: any body is answered, as the table of replies has it.
_REQUEST_BODY = {"application/json": {"schema": {}, "example": _EXAMPLE}}
_REPLIES: Replies = {"default": problem_responses([HTTPStatus.SERVICE_UNAVAILABLE])[503]}


class CdrTaken(BaseModel):
    """What became of a CDR; `message` says what it lacks, `reason` why it changes nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "success"}]})

    status: Literal["success", "ignored", "error"]
    reason: Literal["workflow_run_not_found", "unknown_status"] | None = None
    message: (
        Literal[
            "Invalid JSON payload", "Missing domain field", "Missing call_id field", "Carrier not reached"
        ]
        | None
    ) = None


_NOT_JSON = CdrTaken(status="error", message="Invalid JSON payload")
# Also what a forger is told, of a run that is there or not.
_NO_RUN = CdrTaken(status="ignored", reason="workflow_run_not_found")


class CdrRoutes(Routes[TelephonyServices]):
    """Takes the carrier's CDRs, at one address for every domain."""

    tag = "telephony"

    @OpenRoute("/telephony/cloudonix/cdr", _REPLIES, _REQUEST_BODY)
    async def take_cdr(self, request: Request) -> CdrTaken:
        """Take the carrier's record of a call that is over."""
        body = await BoundedRequest(request.scope, request.receive).body()
        if not body:
            return _NOT_JSON
        try:
            cdr = read_cdr(read_json_fields(body))
        except InvalidInputError:
            return _NOT_JSON
        return await run_in_threadpool(self._take, request.headers, cdr)

    def _take(self, headers: Mapping[str, str], cdr: Cdr) -> CdrTaken:
        if cdr.cloudonix_domain is None:
            return CdrTaken(status="error", message="Missing domain field")
        if cdr.session is None:
            return CdrTaken(status="error", message="Missing call_id field")
        try:
            return self._settle(headers, cdr.cloudonix_domain, cdr.session, cdr.disposition or "")
        except (UnauthenticatedError, NotFoundError) as error:
            logger.warning("cdr ignored", extra={"code": error.code})
            return _NO_RUN
        except CarrierError as error:
            logger.warning("cdr not checked", extra={"code": error.code})
            return CdrTaken(status="error", message="Carrier not reached")

    def _settle(
        self, headers: Mapping[str, str], cloudonix_domain: str, session: str, disposition: str
    ) -> CdrTaken:
        services, now = self._services, self._services.clock()
        domain = find_domain(services.telephony, cloudonix_domain)
        if domain is None:
            raise NotFoundError("Nobody has verified this domain here.", code="domain-not-verified")
        is_proved = check_webhook_key(services.secret_box, domain.configuration, offered_keys(headers))
        run = self._run(domain, session)
        status = status_of_disposition(disposition)
        if status is None:
            return CdrTaken(status="ignored", reason="unknown_status")
        if is_news(run, status, now):
            if not is_proved:
                self._check_is_over(domain, session)
            apply_carrier_status(services.ender, run, status, now)
        return CdrTaken(status="success")

    def _run(self, domain: InboundDomain, session: str) -> Run:
        """Return the run of the call in the domain's own organization; raise NotFoundError."""
        runs, configuration = self._services.runs, domain.configuration
        run_id = runs.find_call(carrier_call(configuration, session))
        if run_id is None:
            raise NotFoundError("No run has this call.", code="call-unknown")
        return runs.get(configuration.organization_id, run_id)

    def _check_is_over(self, domain: InboundDomain, session: str) -> None:
        """Raise UnauthenticatedError while the carrier still has the call, which no record of its own can end."""
        services = self._services
        account = open_account(services.secret_box, domain.configuration)
        if services.carrier.is_live(account, session):
            raise UnauthenticatedError("The carrier says that this call goes on.", code="call-goes-on")
