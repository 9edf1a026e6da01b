"""What the carrier tells of a transfer. Its only credential is the token in the path."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from functions.http.routing import Replies, problem_responses
from functions.telephony.callback_body import read_fields
from functions.telephony.declaring import (
    AN_OBJECT,
    ProviderRoutes,
    Told,
    instruct,
    instruction_content,
    languages,
)
from offhook.errors import NotFoundError
from offhook.runs.carrier.continuing import continue_call
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.reports import TransferReport
from offhook.runs.model import TransferStatus
from offhook.telephony.instructions import HangUp, Instruction

Taken = Literal["success", "pending", "ignored"]

Token = Annotated[
    str,
    Path(
        description="The run and the transfer, and our signature of them.",
        max_length=54,
        examples=["373205151490048-1.pq3E0b1yq0Zx7m5c2nTtJ4vK8wLr6sQd"],
    ),
]


def _replies(dialects: Dialects) -> Replies:
    return {
        200: {
            "description": f"For the end of a Dial the {languages(dialects)} document that the caller goes on with, "
            "else what became of the report.",
            "content": {
                **instruction_content(dialects),
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


class TransferRoutes(ProviderRoutes):
    """Takes the results of transfers."""

    @Told(
        "/telephony/{provider}/transfer-result/{token}",
        _replies,
        about="transfer",
        schema=AN_OBJECT,
        response_class=Response,
    )
    async def report_transfer(self, token: Token, request: Request) -> Response:
        """Take the carrier's report of a transfer, and say how the caller goes on."""
        run_id, number = self._services.links.transfer_of(token)
        report = self._dialect.read_transfer(await read_fields(request))
        if report.awaits_instruction:
            instruction = await run_in_threadpool(self._go_on, run_id, number, report)
            return instruct(self._dialect, instruction)
        return JSONResponse({"status": await run_in_threadpool(self._note, run_id, number, report)})

    def _go_on(self, run_id: int, number: int, report: TransferReport) -> Instruction:
        # The carrier only understands its own language: an error page would leave the caller on a silent line.
        services = self._services
        try:
            self._note(run_id, number, report)
            if report.status is TransferStatus.COMPLETED:
                return HangUp()
            return continue_call(services.runs, services.links, services.runs.get_for_carrier(run_id))
        except NotFoundError:
            return HangUp()

    def _note(self, run_id: int, number: int, report: TransferReport) -> Taken:
        if report.status is None:
            return "pending"
        is_news = self._services.runs.note_transfer(run_id, number, report.status, report.reason)
        return "success" if is_news else "ignored"
