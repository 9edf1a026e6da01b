"""The simulated carrier as a whole: one server, its accounts, its people, its live calls."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Self

import httpx

from local.cloudonix.dial import CallRecord, CarrierEvent, Dial, DialDirection, Surroundings
from local.cloudonix.domain import DomainProfile, Domains
from local.cloudonix.phones.phone import TICK_SECONDS
from local.cloudonix.phones.rooms import Rooms
from local.cloudonix.rest.rest import create_api
from local.cloudonix.session import Session
from local.people.line_noise import with_noise
from local.people.magic_numbers import SCRIPTS, script_for
from local.people.scripts import CallerScript
from local.processes.serving import serving
from offhook.adapters.cloudonix.credentials import normalise_domain
from offhook.errors import EngineError
from streamer.speech.ports import Synthesiser, Voice

SYNTHESIS_LIMIT_SECONDS = 30.0
_HTTP_LIMIT_SECONDS = 10.0
_HOLD_SECONDS = 60.0
_MAX_REMEMBERED = 200
# Of everybody at a phone, and of the carrier's own announcements.
_VOICE = Voice(engine="offline", name="en-us+adam")


class CloudonixSimulator:
    """Use as `async with CloudonixSimulator({domain: token}) as carrier: carrier.url`.

    `scripts` maps numbers, or their last four digits, to people; `profiles` says where domains are answered.
    Leaving the block hangs every call up.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        *,
        profiles: Iterable[DomainProfile] = (),
        scripts: Mapping[str, CallerScript] = SCRIPTS,
        synthesiser: Synthesiser | None = None,
        on_event: Callable[[str, CarrierEvent], None] = lambda _token, _event: None,
        ring_seconds: float = 1.0,
        no_answer_seconds: float = 20.0,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        self._accounts = accounts
        self._domains = Domains(profiles)
        self._scripts = scripts
        self._voice = _Voice(synthesiser)
        self._client = httpx.AsyncClient(timeout=_HTTP_LIMIT_SECONDS, trust_env=False)
        self._surroundings = Surroundings(
            client=self._client,
            synthesise=self._voice.speech,
            on_event=on_event,
            script_for=self.script_for,
            profile_of=self._domains.profile,
            rooms=Rooms(),
            tick_seconds=tick_seconds,
            ring_seconds=ring_seconds,
            no_answer_seconds=no_answer_seconds,
        )
        self._sessions: dict[str, Session] = {}
        # Numbers whose `later` is due at the next dial.
        self._were_called: set[str] = set()
        self._ended: deque[Session] = deque(maxlen=_MAX_REMEMBERED)
        self._is_leaving = asyncio.Event()
        self._stack = AsyncExitStack()
        self._calls = asyncio.TaskGroup()
        self.url = ""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._client)
            await stack.enter_async_context(self._calls)
            stack.callback(self._hang_up_all)
            api = create_api(self, self._accounts, domains=self._domains)
            port = await stack.enter_async_context(serving(api))
            # Before the server, which waits for its requests.
            stack.callback(self._is_leaving.set)
            self.url = f"http://127.0.0.1:{port}"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        # The calls have nothing to do with an error of the block, which goes on as it is.
        await self._stack.aclose()

    @property
    def sessions(self) -> list[Session]:
        """The calls that have not ended."""
        return [session for session in self._sessions.values() if session.is_live]

    @property
    def is_quiet(self) -> bool:
        """Whether every call has ended and has posted all that there was to tell."""
        return not self._sessions

    def script_for(self, number: str) -> CallerScript:
        return script_for(number, self._scripts)

    def place(
        self, dial: Dial, script: CallerScript | None = None, record: CallRecord | None = None
    ) -> Session:
        """Start a call; without a script, the number dialled chooses who answers."""
        session = Session(dial, script or self._next_script(dial.called), self._surroundings, record)
        self._sessions[session.token] = session
        self._calls.create_task(self._run(session))
        return session

    def _next_script(self, number: str) -> CallerScript:
        """Return who answers this time, of those who take turns at a number."""
        script = self.script_for(number)
        if script.later is None:
            return script
        self._were_called ^= {number}
        return script if number in self._were_called else script.later

    def call_in(self, dial: Dial, script: CallerScript, record: CallRecord | None = None) -> Session:
        """Let a person call a number; the dial's `cxml` or `url`, else the domain's application, answers."""
        url = dial.url or self._domains.profile(dial.domain).application_url
        return self.place(replace(dial, direction=DialDirection.INBOUND, url=url), script, record)

    def find(self, domain: str, token: str) -> Session | None:
        """Return a call of a domain that has not ended."""
        session = self._sessions.get(token)
        is_found = session and session.is_live and session.dial.domain == normalise_domain(domain)
        return session if is_found else None

    def remember(self, token: str) -> Session | None:
        ended = (session for session in self._ended if session.token == token)
        return self._sessions.get(token) or next(ended, None)

    async def hold(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_HOLD_SECONDS):
                await self._is_leaving.wait()

    async def _run(self, session: Session) -> None:
        try:
            await session.run()
        finally:
            del self._sessions[session.token]
            self._ended.append(session)

    def _hang_up_all(self) -> None:
        for session in self.sessions:
            session.hang_up()


_MOST_TEXTS = 100
"""Texts whose audio is kept, some 40 kB each: who listens in to many calls hears ever new ones."""


class _Voice:
    """Synthesises each text once, and again when so many others have followed."""

    def __init__(self, synthesiser: Synthesiser | None) -> None:
        self._synthesiser = synthesiser
        self._made: dict[str, bytes] = {}

    async def speech(self, text: str) -> bytes:
        """Return a text as mu-law with the line's noise under it; raise EngineError."""
        made = self._made.pop(text, None) or with_noise(await self._synthesise(text))
        self._made[text] = made
        if len(self._made) > _MOST_TEXTS:
            del self._made[next(iter(self._made))]
        return made

    async def _synthesise(self, text: str) -> bytes:
        if self._synthesiser is None:
            raise EngineError("There is no synthesiser.", engine="none", retryable=False)
        try:
            async with asyncio.timeout(SYNTHESIS_LIMIT_SECONDS):
                speech = self._synthesiser.synthesise(text, voice=_VOICE)
                return b"".join([piece async for piece in speech if isinstance(piece, bytes)])
        except TimeoutError:
            raise EngineError("The synthesiser took too long.", engine="synthesiser") from None
