"""The simulated carrier's REST API, in the carrier's own words."""

import hmac
from collections import deque
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol
from uuid import NAMESPACE_DNS, uuid5

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from local.cloudonix.dial import Dial
from local.cloudonix.session import Session
from offhook.json_types import JsonObject
from offhook.telephony.model import is_dialable, normalise_cloudonix_domain

REQUESTS_PER_WINDOW = 10
WINDOW_SECONDS = 10.0


class Switchboard(Protocol):
    """What the API drives."""

    def place(self, dial: Dial) -> Session:
        """Start a call."""

    def find(self, domain: str, token: str) -> Session | None:
        """Return a call that has not ended."""


class DialBody(BaseModel):
    """What an outbound call needs; other fields of the real API are accepted and have no effect."""

    model_config = ConfigDict(extra="ignore")

    destination: str
    caller_id: str = Field(validation_alias=AliasChoices("caller-id", "callerId", "caller_id"))
    cxml: str | None = None
    url: str | None = None
    callback: str | None = None


class SwitchBody(BaseModel):
    """The document that a live call goes on with."""

    cxml: str


def create_api(
    switchboard: Switchboard, accounts: Mapping[str, str], *, clock: Callable[[], float] = monotonic
) -> FastAPI:
    """Make the API; `accounts` maps domains to their bearer tokens."""
    app = FastAPI(title="Simulated Cloudonix", openapi_url=None)
    app.add_exception_handler(RequestValidationError, _bad_request)
    doorkeeper = Doorkeeper(accounts, clock=clock)
    app.include_router(_Routes(switchboard).router(), dependencies=[Depends(doorkeeper.admit)])
    return app


class _Routes:
    """What each request does, once it is admitted."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route(
            "/customers/self/domains/{domain}", self.show_domain, methods=["GET"], response_model=None
        )
        router.add_api_route("/calls/{domain}/application", self.dial, methods=["POST"], response_model=None)
        for prefix in ("/customers/self/domains", "/calls"):
            path = f"{prefix}/{{domain}}/sessions/{{token}}"
            router.add_api_route(path, self.show, methods=["GET"], response_model=None)
            router.add_api_route(path, self.hang_up, methods=["DELETE"], status_code=204)
        router.add_api_route(
            "/calls/{domain}/sessions/{token}/application", self.switch, methods=["POST"], response_model=None
        )
        return router

    # Coroutines, so that they run on the loop that the calls live on.

    async def dial(self, domain: str, body: DialBody) -> JsonObject:
        if not is_dialable(body.destination):
            raise HTTPException(400, "The destination is not a number in E.164 or a SIP address.")
        if not (body.cxml or body.url):
            raise HTTPException(400, "One of cxml and url must say what the call does.")
        session = self._switchboard.place(_dial(domain, body))
        return {
            "token": session.token,
            "domainId": 1,
            "subscriberId": 1,
            "destination": body.destination,
            "direction": session.dial.direction.value,
        }

    async def show_domain(self, domain: str) -> JsonObject:
        name = normalise_cloudonix_domain(domain)
        return {"uuid": str(uuid5(NAMESPACE_DNS, name)), "domain": name, "active": True}

    async def show(self, domain: str, token: str) -> JsonObject:
        return self._find(domain, token).describe()

    async def hang_up(self, domain: str, token: str) -> None:
        self._find(domain, token).hang_up()

    async def switch(self, domain: str, token: str, body: SwitchBody) -> JsonObject:
        session = self._find(domain, token)
        session.switch(body.cxml)
        return session.describe()

    def _find(self, domain: str, token: str) -> Session:
        session = self._switchboard.find(domain, token)
        if session is None:
            raise HTTPException(404, "Session not found")
        return session


class Doorkeeper:
    """Checks the bearer token of a domain, then its rate: ten requests in ten seconds."""

    def __init__(self, accounts: Mapping[str, str], *, clock: Callable[[], float]) -> None:
        self._tokens = {normalise_cloudonix_domain(domain): token for domain, token in accounts.items()}
        self._clock = clock
        self._requests: dict[str, deque[float]] = {domain: deque() for domain in self._tokens}

    async def admit(self, domain: str, request: Request) -> None:
        """Let a request of a domain in, or raise HTTPException."""
        domain = normalise_cloudonix_domain(domain)
        expected = self._tokens.get(domain, "")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            raise HTTPException(401, "Unauthorized")
        self._count(domain)

    def _count(self, domain: str) -> None:
        now, times = self._clock(), self._requests[domain]
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        if len(times) >= REQUESTS_PER_WINDOW:
            wait_seconds = max(1, round(times[0] + WINDOW_SECONDS - now + 0.5))
            raise HTTPException(429, "Too many requests", headers={"Retry-After": str(wait_seconds)})
        times.append(now)


def _dial(domain: str, body: DialBody) -> Dial:
    return Dial(
        domain=normalise_cloudonix_domain(domain),
        caller=body.caller_id,
        called=body.destination,
        cxml=body.cxml,
        url=body.url,
        callback=body.callback,
    )


async def _bad_request(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "The body lacks a field or has one of a wrong type."}, status_code=400)
