"""The session socket: one client from its admission to its last frame."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from offhook.clock import Clock
from offhook.errors import StorageError
from offhook.runs.model import Run
from offhook.runs.ports import EventLog
from offhook.sessions.frames import PROTOCOL, End, Ready, Resume
from offhook.sessions.model import SessionStatus, session_status
from offhook.sessions.tokens import Grant
from streamer.record.threads import Threads
from streamer.sessions.commanding import Commanding
from streamer.sessions.ear import Ear
from streamer.sessions.feeds import Feed, Feeds
from streamer.sessions.follower import Follower
from streamer.sessions.line import Hold
from streamer.sessions.listening import Listening
from streamer.sessions.log_reader import LogReader
from streamer.sessions.requests import Requests
from streamer.sessions.session_client import LAG_CLOSE_S, SessionClient
from streamer.sessions.web_calls import WebCalls
from streamer.sockets.close_codes import NoRoomError
from streamer.sockets.media_socket import MediaSocket

_MOST_DIGITS = 19
_AUDIO = ("binary", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSockets:
    """Serves the sockets of sessions that the gate has admitted; one instance for the process."""

    feeds: Feeds
    follower: Follower
    log: EventLog
    threads: Threads
    clock: Clock
    commands: Commanding
    lines: WebCalls
    listening: Listening

    async def serve(self, socket: MediaSocket, run: Run, grant: Grant) -> None:
        """Attend to one client until it goes, or the run is over; raise NoRoomError where too many watch the run."""
        async with asyncio.TaskGroup() as lasting:
            with self.feeds.visit(run) as feed:
                try:
                    await _Visit(self, socket, run, grant, feed, lasting).run()
                except Exception as error:  # noqa: BLE001 - the top of a visit, which a call that it has begun outlasts
                    socket.fail(error)


class _Visit:
    """One client's stay."""

    def __init__(
        self,
        house: SessionSockets,
        socket: MediaSocket,
        run: Run,
        grant: Grant,
        feed: Feed,
        lasting: asyncio.TaskGroup,
    ) -> None:
        self._house = house
        self._socket = socket
        self._run = run
        self._grant = grant
        self._feed = feed
        self._wishes = dict(reversed(parse_qsl(socket.query)))
        self._client = SessionClient(
            socket,
            run.session_id,
            lasting=lasting,
            takes_text_audio=self._wishes.get("audio") == "json",
            clock=house.clock,
        )
        self._ears = ExitStack()
        self._ear = Ear(self._client, self._tell_live) if self._wishes.get("audio") in _AUDIO else None

    async def run(self) -> None:
        """Send what the client has asked for, and do what it wants, until it goes or the run is over."""
        with self._ears:
            await self._stay()

    async def _stay(self) -> None:
        self._resume = await self._where_it_stands()
        if self._ear is not None:
            channel = self._ears.enter_context(self._house.listening.listen(self._run, self._ear))
            await self._ear.begin(channel)
        self._client.send(self._ready())
        reader = self._reader()
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(reader.run())
            requests = self._requests(on_closed=reading.cancel)
            helpers = (
                tasks.create_task(self._house.follower.follow(self._feed)),
                tasks.create_task(requests.run()),
            )
            self._socket.attach(requests)
            await asyncio.wait([reading])
            for helper in helpers:
                helper.cancel()
        if self._client.is_open:
            await self._say_goodbye(has_said_end=reader.has_sent_end)

    async def _where_it_stands(self) -> Resume:
        house = self._house
        try:
            oldest, newest = await house.threads.run(house.log.ends, self._run.id)
        except StorageError:
            raise NoRoomError("The session's log can't be read at the moment, try again") from None
        self._feed.begin(newest)
        cursor = _cursor(self._wishes.get("resume_from", ""))
        return Resume(
            after=str(newest if cursor is None else min(cursor, newest)),
            oldest=str(oldest),
            newest=str(newest),
            gap=cursor is not None and (cursor > newest or cursor + 1 < oldest),
        )

    def _ready(self, hold: Hold | None = None) -> Ready:
        terms = self._run.session
        return Ready(
            protocol=PROTOCOL,
            status=SessionStatus.ACTIVE if hold else session_status(self._run, self._house.clock()),
            agent_uuid=self._run.agent_uuid,
            version=self._run.version,
            scope=self._grant.scope,
            line=hold is not None,
            live=hold is not None or (self._ear is not None and self._ear.is_live),
            audio_in=hold.audio_in if hold else None,
            audio_out=hold.audio_out if hold else (self._ear.audio_format if self._ear is not None else None),
            resume=self._resume,
            disposition_schema_version=terms.disposition_schema_version if terms else None,
        )

    def _reader(self) -> LogReader:
        return LogReader(
            self._feed,
            log=self._house.log,
            threads=self._house.threads,
            sent=int(self._resume.after),
            send=self._client.send_many,
            until_read=self._client.until_read,
        )

    def _requests(self, *, on_closed: Callable[[], object]) -> Requests:
        return Requests(
            self._client,
            self._run,
            self._grant.scope,
            commands=self._house.commands,
            lines=self._house.lines,
            on_started=self._begin_line,
            on_closed=on_closed,
        )

    def _begin_line(self, hold: Hold) -> None:
        # Who is the caller hears the line, and nothing twice.
        self._ears.close()
        self._ear = None
        self._client.send(self._ready(hold))

    def _tell_live(self) -> None:
        if not self._feed.has_ended:
            self._client.send(self._ready())

    async def _say_goodbye(self, *, has_said_end: bool) -> None:
        final = self._feed.run
        if not has_said_end:
            self._client.send(End(reason=final.end_reason, disposition=final.disposition))
        with suppress(TimeoutError):
            async with asyncio.timeout(LAG_CLOSE_S):
                await self._client.until_read()


def _cursor(text: str) -> int | None:
    is_seq = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_seq else None
