"""Routes that the real carrier has not got: have a person call in, see how that went, and a voice application for it."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from local.cloudonix.cxml.cxml import MAX_DOCUMENT_CHARACTERS
from local.cloudonix.dial import CallRecord, Dial, names_of
from local.cloudonix.domain import Domains
from local.cloudonix.rest.switchboard import Switchboard
from local.cloudonix.session import Session
from local.people.scripts import CallerScript
from offhook.adapters.cloudonix.credentials import normalise_domain
from offhook.adapters.cloudonix.cxml import MEDIA_TYPE, write_cxml
from offhook.dialable import is_dialable
from offhook.json_types import JsonObject
from offhook.telephony.instructions import HangUp

# Nobody closed the stream, or whoever did said that it is to be opened again.
_INTERRUPTED_CODES = (1001, 1006, 1012)


class CallInBody(BaseModel):
    """Who calls which number; without `cxml` and `url` the domain's own application answers.

    In `cxml`, as in a voice application's templates, {CallSid}, {Session}, {AccountSid}, {Domain}, {From} and {To}
    stand for the call's own, and {Again} for an address that gives the same document again while its stream was only interrupted.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    caller: str = Field(alias="from")
    called: str = Field(alias="to")
    cxml: str | None = Field(default=None, max_length=MAX_DOCUMENT_CHARACTERS)
    url: str | None = Field(default=None, pattern="^https?://", max_length=2_000)
    script: tuple[Annotated[str, Field(max_length=1_000)], ...] | None = Field(default=None, max_length=50)
    """The caller's lines, in place of those that their number chooses."""


class SimulatorRoutes:
    """What each request does, once it is recognised."""

    def __init__(self, switchboard: Switchboard, domains: Domains) -> None:
        self._switchboard = switchboard
        self._domains = domains

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route(
            "/simulator/domains/{domain}/calls", self.call_in, methods=["POST"], response_model=None
        )
        router.add_api_route(
            "/simulator/domains/{domain}/calls/{token}", self.show, methods=["GET"], response_model=None
        )
        return router

    def voice_application(self) -> APIRouter:
        """Return the route that the carrier itself asks, which opens to the token in its path."""
        router = APIRouter()
        router.add_api_route("/simulator/again/{token}", self.again, methods=["POST"], response_model=None)
        return router

    async def call_in(self, domain: str, body: CallInBody) -> JsonObject:
        if not is_dialable(body.caller) or not is_dialable(body.called):
            raise HTTPException(400, "Both numbers must be in E.164 or SIP addresses.")
        url = body.url or self._domains.profile(domain).application_url
        if not (body.cxml or url):
            raise HTTPException(400, "The domain has no voice application: give cxml or url.")
        dial = Dial(
            domain=normalise_domain(domain),
            caller=body.caller,
            called=body.called,
            url=None if body.cxml else url,
        )
        script = self._switchboard.script_for(body.caller)
        if body.script is not None:
            script = CallerScript(lines=body.script)
        record = CallRecord()
        session = self._switchboard.call_in(self._answered_with(dial, record, body.cxml), script, record)
        return _shown(session)

    async def show(self, domain: str, token: str) -> JsonObject:
        session = self._switchboard.remember(token)
        if session is None or session.dial.domain != normalise_domain(domain):
            raise HTTPException(404, "Session not found")
        return _shown(session)

    async def again(self, token: Annotated[str, Path(max_length=64)]) -> Response:
        session = self._switchboard.remember(token)
        streams = session.record.streams if session else []
        is_interrupted = bool(streams) and streams[-1].code in _INTERRUPTED_CODES
        document = session.dial.cxml if session and is_interrupted else None
        return Response(document or write_cxml(HangUp()), media_type=MEDIA_TYPE)

    def _answered_with(self, dial: Dial, record: CallRecord, cxml: str | None) -> Dial:
        if cxml is None:
            return dial
        again = f"{self._switchboard.url}/simulator/again/{record.token}"
        for name, value in (names_of(dial, record) | {"Again": again}).items():
            cxml = cxml.replace(f"{{{name}}}", str(value))
        return replace(dial, cxml=cxml)


def _shown(session: Session) -> JsonObject:
    record = session.record
    return session.describe() | {
        "callSid": record.call_sid,
        "streams": [{"code": end.code, "reason": end.reason} for end in record.streams],
        "dialled": [
            {"number": number.number, "callerId": number.caller_id, "status": number.status}
            for number in record.dialled
        ],
    }
