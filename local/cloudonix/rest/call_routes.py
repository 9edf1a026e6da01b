"""The REST API's routes about calls: dial, look, hang up, switch."""

from fastapi import APIRouter, HTTPException
from pydantic import AliasChoices, BaseModel, Field

from local.cloudonix.cxml.verbs import redirect_to
from local.cloudonix.dial import Dial
from local.cloudonix.domain import Domains
from local.cloudonix.rest.doorkeeper import too_many
from local.cloudonix.rest.switchboard import Switchboard
from local.cloudonix.session import Session
from local.people.scripts import DialReply
from offhook.adapters.cloudonix.credentials import normalise_domain
from offhook.dialable import is_dialable
from offhook.json_types import JsonObject

_FAULT_WAIT_SECONDS = 3
MAX_RING_SECONDS = 600


class DialBody(BaseModel):
    """What an outbound call needs; other fields of the real API are accepted and have no effect."""

    destination: str
    caller_id: str = Field(validation_alias=AliasChoices("caller-id", "callerId", "caller_id"))
    cxml: str | None = None
    url: str | None = None
    application: str | None = None
    callback: str | None = None
    timeout: float | None = Field(default=None, gt=0, le=MAX_RING_SECONDS)
    send_digits: str = Field(
        default="",
        pattern="^[0-9*#A-Da-dwW]*$",
        max_length=100,
        validation_alias=AliasChoices("send-digits", "sendDigits"),
    )


class SwitchBody(BaseModel):
    """What a live call goes on with: a document, or an address that gives one."""

    cxml: str | None = None
    url: str | None = Field(default=None, pattern="^https?://", max_length=2_000)


class CallRoutes:
    """What each request does, once it is admitted."""

    def __init__(self, switchboard: Switchboard, domains: Domains) -> None:
        self._switchboard = switchboard
        self._domains = domains

    def router(self) -> APIRouter:
        router = APIRouter()
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
        dial = self._dial(domain, body)
        reply = self._switchboard.script_for(body.destination).dial_reply
        await self._refuse(reply)
        session = self._switchboard.place(dial)
        if reply is DialReply.NEVER_YET_CALLS:
            await self._leave_unanswered()
        return {
            "token": session.token,
            "domainId": 1,
            "subscriberId": 1,
            "destination": body.destination,
            "direction": session.dial.direction.value,
        }

    async def show(self, domain: str, token: str) -> JsonObject:
        return self._find(domain, token).describe()

    async def hang_up(self, domain: str, token: str) -> None:
        self._find(domain, token).hang_up()

    async def switch(self, domain: str, token: str, body: SwitchBody) -> JsonObject:
        session = self._find(domain, token)
        if not (body.cxml or body.url):
            raise HTTPException(400, "One of cxml and url must say what the call does.")
        session.switch(body.cxml or redirect_to(body.url or ""))
        return session.describe()

    async def _refuse(self, reply: DialReply) -> None:
        match reply:
            case DialReply.TOO_MANY:
                raise too_many(_FAULT_WAIT_SECONDS)
            case DialReply.FAILS:
                raise HTTPException(500, "Internal server error")
            case DialReply.REFUSES:
                raise HTTPException(400, "The destination is not accepted.")
            case DialReply.NEVER:
                await self._leave_unanswered()
            case DialReply.WORKS | DialReply.NEVER_YET_CALLS:
                return

    async def _leave_unanswered(self) -> None:
        await self._switchboard.hold()
        raise HTTPException(503, "The carrier is going away.")

    def _dial(self, domain: str, body: DialBody) -> Dial:
        if not is_dialable(body.destination):
            raise HTTPException(400, "The destination is not a number in E.164 or a SIP address.")
        url = body.url
        if body.application:
            url = self._domains.profile(domain).applications.get(body.application)
        if not (body.cxml or url):
            raise HTTPException(
                400, "One of cxml, url and the name of an application must say what the call does."
            )
        return Dial(
            domain=normalise_domain(domain),
            caller=body.caller_id,
            called=body.destination,
            cxml=body.cxml,
            url=url,
            callback=body.callback,
            timeout_seconds=body.timeout,
            send_digits=body.send_digits.upper(),
        )

    def _find(self, domain: str, token: str) -> Session:
        session = self._switchboard.find(domain, token)
        if session is None:
            raise HTTPException(404, "Session not found")
        return session
