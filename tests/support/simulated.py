"""The simulated carrier with a voice application beside it, ten times faster than life."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import httpx
from fastapi import FastAPI, Request, Response

from local.cloudonix import CarrierEvent, CloudonixSimulator, DomainProfile
from local.people.caller import CallerEvent, CallerEventKind
from local.people.scripts import CallerScript
from local.processes.serving import serving
from streamer.speech.ports import Order, Voice
from tests.support.agents_end import VOICE

DOMAIN = "acme.cloudonix.net"
TOKEN = "XI-secret"
API_KEY = "whk-secret"
CALLED = "+15550100100"
CALLER = "+15550100001"
COLLEAGUE = "+15550100200"
TICK_SECONDS = 0.002
LIMIT_SECONDS = 10


class Tone:
    """A synthesiser whose every text is 300 ms of tone."""

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes]:
        assert voice.name
        yield VOICE * (0 if text == "mute" else 15)


@dataclass
class Voiceapp:
    """Keeps what the carrier posts by the last segment of the path; `/continue` answers with the next document."""

    posts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    url: str = ""

    def at(self, name: str) -> list[dict[str, Any]]:
        return self.posts.get(name, [])

    def statuses(self) -> list[str]:
        return [str(body["status"]) for body in self.at("status")]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/{name}", methods=["GET", "POST"])
        async def take(name: str, request: Request) -> Response:
            self.posts.setdefault(name, []).append(await _fields(request))
            self.headers.append(request.headers)
            document = self.documents.pop(0) if name == "continue" else "{}"
            return Response(document, media_type="application/xml")

        return app


async def _fields(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query_params)
    if request.headers["content-type"].startswith("application/json"):
        return dict(await request.json())
    return dict(parse_qsl((await request.body()).decode()))


@dataclass
class World:
    """A carrier, a voice application, and an HTTP client of the carrier."""

    carrier: CloudonixSimulator
    voiceapp: Voiceapp
    client: httpx.AsyncClient
    events: list[CarrierEvent]

    async def dial(self, cxml: str, called: str = CALLED, **more: object) -> str:
        body = {
            "destination": called,
            "caller-id": CALLER,
            "cxml": cxml,
            "callback": f"{self.voiceapp.url}/status",
        }
        reply = await self.client.post(f"/calls/{DOMAIN}/application", json=body | more)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["token"])

    async def answered(self) -> None:
        """Wait until somebody has picked up."""
        await until(lambda: "answered" in self.voiceapp.statuses())

    async def end(self) -> None:
        """Wait until no call has anything left to do."""
        await until(lambda: self.carrier.is_quiet)

    def person(self, kind: CallerEventKind | None = None) -> list[CallerEvent]:
        events = [event for event in self.events if isinstance(event, CallerEvent)]
        return [event for event in events if kind in (None, event.kind)]


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition that something else on this loop makes true."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            if condition():
                return
            await asyncio.sleep(TICK_SECONDS)


async def bounded(work: Awaitable[Any]) -> Any:
    async with asyncio.timeout(LIMIT_SECONDS):
        return await work


@asynccontextmanager
async def simulated(
    *lines: str, others: Mapping[str, CallerScript] | None = None, **more: Any
) -> AsyncIterator[World]:
    """Serve both; who is CALLED does as told here, with the faults in `more`, and so do the others."""
    voiceapp, events = Voiceapp(), list[CarrierEvent]()
    async with serving(voiceapp.app()) as port:
        voiceapp.url = f"http://127.0.0.1:{port}"
        profile = DomainProfile(
            name=DOMAIN,
            application_url=f"{voiceapp.url}/continue",
            cdr_url=f"{voiceapp.url}/cdr",
            api_key=API_KEY,
        )
        carrier = CloudonixSimulator(
            {DOMAIN: TOKEN},
            profiles=[profile],
            scripts={CALLED: replace(CallerScript(lines=lines), **more), **(others or {})},
            synthesiser=Tone(),
            on_event=lambda _token, event: events.append(event),
            ring_seconds=0.01,
            no_answer_seconds=0.01,
            tick_seconds=TICK_SECONDS,
        )
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with carrier, httpx.AsyncClient(base_url=carrier.url, headers=headers) as client:
            yield World(carrier=carrier, voiceapp=voiceapp, client=client, events=events)


def stream_document(url: str, name: str = "1", after: str = "") -> str:
    """Write: connect a stream, then something else."""
    return f'<Response><Connect><Stream name="{name}" url="{url}"/></Connect>{after}</Response>'


def is_tone(payload: bytes) -> bool:
    """Say whether this is the agent's or a person's voice."""
    # The tone's two codes, give or take the noise that lies on them.
    return sum(code & 0x70 == 0x10 for code in payload) > len(payload) // 2
