"""What the carrier calls during and after a call. Its only credential is the token in the path."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from functions.http.json_body import BoundedRequest
from functions.http.routing import OpenRoute, Replies, Routes, problem_responses
from functions.telephony.callback_body import status_word
from functions.telephony.services import TelephonyServices
from offhook.errors import NotFoundError, UnauthenticatedError
from offhook.runs.carrier.continuing import continue_call
from offhook.runs.carrier.status import apply_carrier_status, status_of_word
from offhook.telephony.cxml import CONTENT_TYPE, hang_up

CXML_REPLIES: Replies = {
    200: {
        "description": "A CXML document.",
        "content": {CONTENT_TYPE: {"schema": {"type": "string"}, "example": hang_up()}},
    },
    # Also keeps FastAPI from announcing a 422: any text is taken as a token.
    "default": problem_responses([HTTPStatus.SERVICE_UNAVAILABLE])[503],
}
_CALLBACK_PROBLEMS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
_CALLBACK_BODY = {
    "application/json": {"schema": {"type": "object"}, "example": {"status": "ringing"}},
    "application/x-www-form-urlencoded": {"schema": {"type": "object"}, "example": {"CallStatus": "ringing"}},
}

# Text of any length is taken as a token, and is none of ours: the carrier could do nothing with a 422.
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

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "success"}]})

    status: Literal["success", "ignored"]
    reason: Literal["unknown_status"] | None = None


class TelephonyRoutes(Routes[TelephonyServices]):
    """Answers the carrier."""

    tag = "telephony"

    @OpenRoute("/telephony/continue/{token}", CXML_REPLIES, response_class=Response)
    def continue_call(self, token: Token) -> Response:
        """Say how a call goes on after its media stream has ended."""
        # The carrier only understands CXML: an error page would leave the callee on a silent line.
        try:
            run_id = self._services.links.continued_run_id(token)
            document = continue_call(self._services.runs, self._services.links, run_id)
        except (UnauthenticatedError, NotFoundError):
            document = hang_up()
        return Response(document, media_type=CONTENT_TYPE)

    @OpenRoute(
        "/telephony/cloudonix/status-callback/{token}", problem_responses(_CALLBACK_PROBLEMS), _CALLBACK_BODY
    )
    async def report_call_status(self, token: Token, request: Request) -> StatusTaken:
        """Take the carrier's report of a call's status."""
        run_id = self._services.links.status_run_id(token)
        body = await BoundedRequest(request.scope, request.receive).body()
        word = status_word(body, request.headers.get("content-type", ""))
        return await run_in_threadpool(self._apply, run_id, word)

    def _apply(self, run_id: int, word: str | None) -> StatusTaken:
        run = self._services.runs.get_for_carrier(run_id)
        status = None if word is None else status_of_word(word)
        if status is None:
            return StatusTaken(status="ignored", reason="unknown_status")
        apply_carrier_status(self._services.ender, run, status, self._services.clock())
        return StatusTaken(status="success")
