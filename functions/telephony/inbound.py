"""The carrier's webhook for a call that comes in: answered with what to do with it, whatever happens here."""

import logging
from collections.abc import Sequence
from functools import partial

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from functions.http.json_body import BodyTooSlowError
from functions.telephony.callback_body import read_fields
from functions.telephony.declaring import CarrierRoutes, Told, instruct, instruction_replies
from offhook.errors import (
    CarrierError,
    InvalidInputError,
    LimitReachedError,
    NotFoundError,
    OffhookError,
    QuotaExceededError,
)
from offhook.runs.carrier.continuing import open_stream
from offhook.runs.carrier.dialect import Dialect, Fields, Headers
from offhook.telephony.instructions import HangUp, Instruction

logger = logging.getLogger("offhook.http.inbound")

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


class InboundRoutes(CarrierRoutes):
    """Takes calls that carriers announce, at one address for all."""

    # No schema says more: any body is answered, if only with a hang-up.
    @Told("/telephony/inbound/run", instruction_replies, about="announcement", response_class=Response)
    async def take_inbound_call(self, request: Request) -> Response:
        """Take a call that the carrier announces."""
        # The carrier only understands its own language: an error page would leave the caller on a silent line.
        dialect = self.dialects.default
        try:
            fields = await read_fields(request)
            dialect = self.dialects.who_speaks(request.headers, fields)
            return instruct(dialect, await self._answer(dialect, request.headers, fields))
        except OffhookError as error:
            logger.warning("inbound call refused", extra={"code": error.code})
            return _refusal(dialect, error)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 (the top of a request)
            logger.error("inbound call failed", extra={"error_type": type(error).__name__})  # noqa: TRY400
            return instruct(dialect, HangUp())

    async def _answer(self, dialect: Dialect, headers: Headers, fields: Fields) -> Instruction:
        services, announcement = self._services, dialect.read_announcement(fields)
        if not announcement.is_for_us:
            return HangUp()
        run = await run_in_threadpool(
            services.announced.take,
            dialect.provider,
            announcement,
            partial(dialect.shows_key, headers),
            services.clock(),
        )
        return open_stream(run, services.links)


def _refusal(dialect: Dialect, error: OffhookError) -> Response:
    sentences = (sentence for kind, sentence in _SENTENCES if isinstance(error, kind))
    reply = instruct(dialect, HangUp(sentence=next(sentences, "")))
    if isinstance(error, BodyTooSlowError):
        # The rest of it may still come, and would be taken for the next request.
        reply.headers["Connection"] = "close"
    return reply
