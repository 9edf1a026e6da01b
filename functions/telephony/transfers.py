"""What the carrier tells of a transfer. Its only credential is the token in the path."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from functions.http.json_body import BoundedRequest
from functions.http.routing import OpenRoute, Replies, Routes, problem_responses
from functions.telephony.callback_body import read_fields
from functions.telephony.services import TelephonyServices
from offhook.errors import NotFoundError
from offhook.runs.carrier.continuing import continue_call
from offhook.runs.carrier.transfers import TransferReport, read_report
from offhook.runs.model import TransferStatus
from offhook.telephony.cxml import CONTENT_TYPE, hang_up

Taken = Literal["success", "pending", "ignored"]

_REPLIES: Replies = {
    200: {
        "description": "For the end of a Dial the CXML document that the caller goes on with, else what became of the report.",
        "content": {
            CONTENT_TYPE: {"schema": {"type": "string"}, "example": hang_up()},
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"status": {"enum": ["success", "pending", "ignored"]}},
                    "required": ["status"],
                },
                "example": {"status": "success"},
            },
        },
    },
    **problem_responses((HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)),
}
_BODY = {
    "application/json": {"schema": {"type": "object"}, "example": {"status": "noanswer"}},
    "application/x-www-form-urlencoded": {
        "schema": {"type": "object"},
        "example": {"DialCallStatus": "completed"},
    },
}

Token = Annotated[
    str,
    Path(
        description="The run and the transfer, and our signature of them.",
        max_length=54,
        examples=["373205151490048-1.pq3E0b1yq0Zx7m5c2nTtJ4vK8wLr6sQd"],
    ),
]


class TransferRoutes(Routes[TelephonyServices]):
    """Takes the results of transfers."""

    tag = "telephony"

    @OpenRoute("/telephony/cloudonix/transfer-result/{token}", _REPLIES, _BODY, response_class=Response)
    async def report_transfer(self, token: Token, request: Request) -> Response:
        """Take the carrier's report of a transfer, and say how the caller goes on."""
        run_id, number = self._services.links.transfer_of(token)
        body = await BoundedRequest(request.scope, request.receive).body()
        report = read_report(read_fields(body, request.headers.get("content-type", "")))
        if report.is_dial:
            document = await run_in_threadpool(self._go_on, run_id, number, report)
            return Response(document, media_type=CONTENT_TYPE)
        return JSONResponse({"status": await run_in_threadpool(self._note, run_id, number, report)})

    def _go_on(self, run_id: int, number: int, report: TransferReport) -> str:
        # The carrier only understands CXML: an error page would leave the caller on a silent line.
        try:
            self._note(run_id, number, report)
            if report.status is TransferStatus.COMPLETED:
                return hang_up()
            return continue_call(self._services.runs, self._services.links, run_id)
        except NotFoundError:
            return hang_up()

    def _note(self, run_id: int, number: int, report: TransferReport) -> Taken:
        if report.status is None:
            return "pending"
        is_news = self._services.runs.note_transfer(run_id, number, report.status, report.reason)
        return "success" if is_news else "ignored"
