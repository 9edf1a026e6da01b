"""The outermost layer of every function: a request id on each reply, and an answer to what nobody expected."""

import logging
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.failures import fields_of
from functions.http.errors import problem
from offhook.ids import new_uuid

REQUEST_ID_HEADER = "X-Request-Id"

_logger = logging.getLogger("offhook.http")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestGuard:
    """ASGI middleware that names each request and turns an unexpected exception into a bare 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        is_answered = False

        async def send_named(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except ClientDisconnect:
            # It left before its body was here: nobody is there to answer, and nothing of ours has failed.
            return
        except Exception as error:  # noqa: BLE001 (the top of a request)
            _logger.error("request failed", extra={"request_id": request_id, **fields_of(error)})  # noqa: TRY400
            if not is_answered:
                detail = "Something went wrong on our side; quote the X-Request-Id to support."
                await problem(500, "internal-error", detail)(scope, receive, send_named)


def _request_id(scope: Scope) -> str:
    offered = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return offered if _REQUEST_ID.fullmatch(offered) else new_uuid()
