"""The carrier's record of each call that is over (CDR): settles a run that nothing else has settled."""

import logging
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Literal

from fastapi import Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from functions.http.routing import Replies, problem_responses
from functions.telephony.abandoned import settle_if_abandoned
from functions.telephony.callback_body import read_body, read_json_fields
from functions.telephony.declaring import ProviderRoutes, Told
from offhook.documents import examples
from offhook.errors import CarrierError, InvalidInputError, NotFoundError, UnauthenticatedError
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.status import apply_carrier_status, is_news, looks_abandoned
from offhook.runs.model import Run, RunStatus
from offhook.telephony.inbound import check_webhook_key, find_account
from offhook.telephony.model import TelephonyConfiguration
from offhook.telephony.usecases import open_account

logger = logging.getLogger("offhook.http.cdr")


class CdrTaken(BaseModel):
    """What became of a CDR; `message` says what it lacks, `reason` why it changes nothing."""

    model_config = examples({"status": "success"})

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


def _replies(_: Dialects) -> Replies:
    return {"default": problem_responses([HTTPStatus.SERVICE_UNAVAILABLE])[503]}


class CdrRoutes(ProviderRoutes):
    """Takes a carrier's CDRs, at one address for all of its accounts."""

    # No schema says more: any body is answered, as the table of replies has it.
    @Told("/telephony/{provider}/cdr", _replies, about="cdr")
    async def take_cdr(self, request: Request) -> CdrTaken:
        """Take the carrier's record of a call that is over."""
        body = await read_body(request)
        if not body:
            return _NOT_JSON
        try:
            cdr = self._dialect.read_cdr(read_json_fields(body))
        except InvalidInputError:
            return _NOT_JSON
        if cdr.account is None:
            return CdrTaken(status="error", message="Missing domain field")
        if cdr.call_id is None:
            return CdrTaken(status="error", message="Missing call_id field")
        try:
            abandoned = await run_in_threadpool(
                self._settle, request.headers, cdr.account, cdr.call_id, cdr.status
            )
        except (UnauthenticatedError, NotFoundError) as error:
            logger.warning("cdr ignored", extra={"code": error.code})
            return _NO_RUN
        except CarrierError as error:
            logger.warning("cdr not checked", extra={"code": error.code})
            return CdrTaken(status="error", message="Carrier not reached")
        if abandoned is not None:
            await settle_if_abandoned(self._services, abandoned)
        if cdr.status is None:
            return CdrTaken(status="ignored", reason="unknown_status")
        return CdrTaken(status="success")

    def _settle(
        self, headers: Mapping[str, str], name: str, call_id: str, status: RunStatus | None
    ) -> Run | None:
        """Apply what the carrier says; return the run where its streamer seems to have left it behind."""
        services = self._services
        account = find_account(services.telephony, self._dialect.provider, name)
        is_proved = check_webhook_key(
            services.secret_box, account.configuration, partial(self._dialect.shows_key, headers)
        )
        run = self._run(account.configuration, call_id)
        if status is None:
            return None
        is_abandoned = looks_abandoned(run, status, services.clock())
        if not is_proved and (is_abandoned or is_news(run, status)):
            self._check_is_over(account.configuration, call_id)
        apply_carrier_status(services.ender, run, status)
        return run if is_abandoned else None

    def _run(self, configuration: TelephonyConfiguration, call_id: str) -> Run:
        """Return the run of the call in the account's own organization; raise NotFoundError."""
        run_id = self._services.runs.find_call(configuration.call(call_id))
        if run_id is None:
            raise NotFoundError("No run has this call.", code="call-unknown")
        return self._services.runs.get(configuration.organization_id, run_id)

    def _check_is_over(self, configuration: TelephonyConfiguration, call_id: str) -> None:
        """Raise UnauthenticatedError while the carrier still has the call, which no record of its own can end."""
        services = self._services
        if services.carrier.is_live(open_account(services.secret_box, configuration), call_id):
            raise UnauthenticatedError("The carrier says that this call goes on.", code="call-goes-on")
