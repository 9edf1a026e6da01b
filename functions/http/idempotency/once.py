"""Carries a request out once for its Idempotency-Key, and answers whoever sends it again."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from functions.http.errors import problem_of
from functions.http.idempotency.claims import HeldClaim, hold
from functions.http.idempotency.intent import INTENT_IN_SCOPE, Intent
from functions.http.secrets import without_secrets
from functions.http.services import HttpServices
from offhook.errors import CarrierError, InvalidInputError, OffhookError, StorageError, UnansweredError
from offhook.ids import new_uuid
from offhook.json_types import JsonValue
from offhook.organizations.idempotency import Claim, StoredReply

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"

# A space at an end would not survive a header.
KEY_PATTERN = "^[!-~]([ -~]{0,253}[!-~])?$"
_KEPT_HEADERS = ("content-type", "etag", "location", "preference-applied")

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """How one route tells that it is asked for the same thing again.

    `new_id` makes the id of a new thing; `dedupe_field` is the field of the body that may stand in for the header;
    `secret_fields` are those of the reply that are not stored. A reply that is minted is not stored at all: the endpoint is
    asked again, and finds what it has made.
    """

    services: HttpServices
    new_id: Callable[[datetime], str]
    dedupe_field: str | None = None
    secret_fields: tuple[str, ...] = ()
    is_minted: bool = False

    async def answer(self, request: Request, organization_id: str, endpoint: Endpoint) -> Response:
        """Answer the request: by the endpoint, or by what was answered before."""
        body = await request.json() if await request.body() else None
        key = _presented_key(request, body, self.dedupe_field)
        now = self.services.clock()
        resource_id = self.new_id(now)
        if key is None:
            _intend(request, Intent(resource_id=resource_id))
            return await endpoint(request)
        wanted = Claim(
            organization_id=organization_id,
            key=key,
            fingerprint=_fingerprint(request, body),
            resource_id=resource_id,
            attempt=new_uuid(),
            claimed_at=now,
        )
        held = await run_in_threadpool(hold, self.services.idempotency, wanted)
        if isinstance(held, StoredReply):
            return _replay(held)
        return await self._carry_out(request, held, endpoint)

    async def _carry_out(self, request: Request, held: HeldClaim, endpoint: Endpoint) -> Response:
        _intend(
            request,
            Intent(resource_id=held.claim.resource_id, is_repeated=held.is_repeated, rebind=held.rebind),
        )
        # An exception that nobody expected leaves the claim in flight: nobody knows what has happened.
        try:
            reply = await endpoint(request)
        except OffhookError as error:
            await run_in_threadpool(_settle_failure, held, error)
            raise
        if reply.status_code < 300 and self.is_minted:
            await run_in_threadpool(held.hand_over)
        elif reply.status_code < 300:
            await run_in_threadpool(held.complete, _stored(reply, self.secret_fields))
        else:
            await run_in_threadpool(held.release)
        return reply


def _intend(request: Request, intent: Intent) -> None:
    """Give the intent to the endpoint, and to whoever records the request afterwards under which id it was done."""

    def rebound(resource_id: str) -> None:
        intent.rebind(resource_id)
        request.scope[INTENT_IN_SCOPE] = replace(known, resource_id=resource_id)

    known = replace(intent, rebind=rebound)
    request.scope[INTENT_IN_SCOPE] = known


def _settle_failure(held: HeldClaim, error: OffhookError) -> None:
    if isinstance(error, CarrierError) and error.may_have_acted:
        held.complete(_stored(problem_of(error), ()))
    elif isinstance(error, StorageError | UnansweredError):
        # What was wanted may have been done although its reply was lost.
        held.hand_over()
    else:
        held.release()


def _presented_key(request: Request, body: JsonValue, dedupe_field: str | None) -> str | None:
    """Return the key in the header, else in the body, else None; raise InvalidInputError for what is none."""
    named = body.get(dedupe_field) if dedupe_field and isinstance(body, dict) else None
    loc = ("body", str(dedupe_field))
    # What is no text at all is refused with the other fields of the body.
    in_body = _checked(named, loc) if isinstance(named, str) else None
    offered = request.headers.getlist(KEY_HEADER)
    if not offered:
        return in_body
    in_header = _checked(offered[0] if len(offered) == 1 else "", ("header", KEY_HEADER))
    if in_body not in (None, in_header):
        msg = f"{dedupe_field} and the header {KEY_HEADER} differ: send one of them."
        raise InvalidInputError.at(*loc, msg=msg)
    return in_header


def _checked(key: str, loc: tuple[str, str]) -> str:
    if re.fullmatch(KEY_PATTERN, key, re.ASCII) is None:
        msg = f"{loc[1]} is one text of 1 to 255 printable ASCII characters."
        raise InvalidInputError.at(*loc, msg=msg)
    return key


def _fingerprint(request: Request, body: JsonValue) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method}\n{request.url.path}\n{canonical}".encode()).hexdigest()


def _stored(reply: Response, secret_fields: tuple[str, ...]) -> StoredReply:
    return StoredReply(
        status=reply.status_code,
        body=without_secrets(bytes(reply.body).decode(), secret_fields),
        headers=tuple((name, reply.headers[name]) for name in _KEPT_HEADERS if name in reply.headers),
    )


def _replay(stored: StoredReply) -> Response:
    return Response(stored.body, stored.status, {**dict(stored.headers), REPLAYED_HEADER: "true"})
