"""What the carrier calls during and after a call. Its only credential is the token in the path."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from functions.http.routing import problem_responses
from functions.telephony.abandoned import settle_if_abandoned
from functions.telephony.callback_body import read_fields
from functions.telephony.declaring import (
    AN_OBJECT,
    CarrierRoutes,
    ProviderRoutes,
    Told,
    instruct,
    instruction_replies,
)
from offhook.documents import examples
from offhook.errors import NotFoundError, UnauthenticatedError
from offhook.runs.carrier.continuing import continue_call
from offhook.runs.carrier.status import apply_carrier_status, looks_abandoned
from offhook.telephony.instructions import HangUp

_CALLBACK_PROBLEMS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)

# No carrier was given a longer one: only who made one up is told that it is too long.
Token = Annotated[
    str,
    Path(
        description="The run, and our signature of it.",
        max_length=49,
        examples=["373205151490048.pq3E0b1yq0Zx7m5c2nTtJ4vK8wLr6sQd"],
    ),
]


class StatusTaken(BaseModel):
    """What became of a report."""

    model_config = examples({"status": "success"})

    status: Literal["success", "ignored"]
    reason: Literal["unknown_status"] | None = None


class ContinueRoutes(CarrierRoutes):
    """Tells carriers how calls go on."""

    @Told("/telephony/continue/{token}", instruction_replies, response_class=Response)
    def continue_call(self, token: Token) -> Response:
        """Say how a call goes on after its media stream has ended."""
        # The carrier only understands its own language: an error page would leave the callee on a silent line.
        try:
            run_id = self._services.links.continued_run_id(token)
            run = self._services.runs.get_for_carrier(run_id)
        except (UnauthenticatedError, NotFoundError):
            return instruct(self.dialects.default, HangUp())
        return instruct(
            self.dialects.of(run.mode), continue_call(self._services.runs, self._services.links, run)
        )


class StatusRoutes(ProviderRoutes):
    """Takes a carrier's reports of how its calls stand."""

    @Told(
        "/telephony/{provider}/status-callback/{token}",
        lambda _: problem_responses(_CALLBACK_PROBLEMS),
        about="status",
        schema=AN_OBJECT,
    )
    async def report_call_status(self, token: Token, request: Request) -> StatusTaken:
        """Take the carrier's report of a call's status."""
        run_id = self._services.links.status_run_id(token)
        status = self._dialect.read_status(await read_fields(request))
        run = await run_in_threadpool(self._services.runs.get_for_carrier, run_id)
        if status is None:
            return StatusTaken(status="ignored", reason="unknown_status")
        await run_in_threadpool(apply_carrier_status, self._services.ender, run, status)
        if looks_abandoned(run, status, self._services.clock()):
            await settle_if_abandoned(self._services, run)
        return StatusTaken(status="success")
