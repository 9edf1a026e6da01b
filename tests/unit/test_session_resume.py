"""Clients of a session that come and go: each has the whole log at the end, byte for byte, and nothing of it twice."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import RunStatus
from offhook.sessions.frames import logged_frame
from offhook.sessions.tokens import Grant, TokenScope
from streamer.sessions.feeds import Feed, Feeds
from streamer.sessions.follower import Follower
from streamer.sessions.session_sockets import SessionSockets
from streamer.sockets.media_socket import MediaListener, MediaSocket
from tests.support.makers import NOON, make_event, make_run
from tests.support.session_sockets import NOTHING_IS_WANTED, MemoryLog, inline_threads

OBSERVE = Grant(organization_id="acme", scope=TokenScope.OBSERVE)


@dataclass(eq=False)
class Line:
    """A socket whose peer goes after so many messages; what is sent after that is lost."""

    query: str = ""
    goes_after: int = 2**31
    taken: list[str] = field(default_factory=list)
    is_open: bool = True
    unread_bytes: int = 0
    intake: SimpleNamespace = field(default_factory=SimpleNamespace)
    listener: MediaListener | None = None
    failed: Exception | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def attach(self, listener: MediaListener) -> None:
        self.listener = listener
        if not self.is_open:
            listener.on_closed()

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        for message in messages:
            if len(self.taken) < self.goes_after:
                self.taken.append(cast("str", message))
        self.changed.set()
        if len(self.taken) >= self.goes_after:
            self.lose()

    async def until_read(self) -> None:
        await asyncio.sleep(0)

    def fail(self, error: Exception) -> None:
        self.failed = error

    def lose(self) -> None:
        if self.is_open:
            self.is_open = False
            if self.listener is not None:
                self.listener.on_closed()

    @property
    def logged(self) -> list[str]:
        return [text for text in self.taken if '"seq"' in text]

    @property
    def newest(self) -> int:
        return int(json.loads(self.logged[-1])["seq"]) if self.logged else 0

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class House:
    """One process that shows one run, which is its own or not."""

    def __init__(self, *, is_ours: bool = False) -> None:
        self.store = MemoryLog(make_run("acme", status=RunStatus.IN_PROGRESS))
        self.is_ours = is_ours
        self.feeds = Feeds()
        self.sockets = SessionSockets(
            feeds=self.feeds,
            follower=Follower(
                log=self.store.as_log(),
                runs=self.store.as_runs(),
                threads=inline_threads(),
                is_ours=lambda _: self.is_ours,
                look_every_s=0,
            ),
            log=self.store.as_log(),
            threads=inline_threads(),
            clock=lambda: NOON,
            **NOTHING_IS_WANTED,
        )

    @property
    def texts(self) -> list[str]:
        return [logged_frame(self.store.run.session_id, entry) for entry in self.store.entries]

    def append(self, number: int = 1, *, says: bool = True) -> None:
        """Store a flush; `says`: this process has stored it, and shows it."""
        first = (self.store.flushes[-1][-1].seq if self.store.flushes else 0) + 1
        moments = (NOON + timedelta(milliseconds=seq) for seq in range(first, first + number))
        flush = [make_event(first + place, at=at, digit="é") for place, at in enumerate(moments)]
        self.add(flush, says=says)

    def add(self, flush: Sequence[LogEntry], *, says: bool = True) -> None:
        self.store.append(self.store.run.id, flush)
        if says:
            self.feeds.stored(self.store.run.id, flush)

    async def serve(self, line: Line) -> None:
        await self.sockets.serve(cast(MediaSocket, line), self.store.run, OBSERVE)


async def settle(turns: int = 30) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


class Wanderer:
    """A client that is lost again and again, and comes back with its cursor."""

    def __init__(self, house: House, random: Random) -> None:
        self._house = house
        self._random = random
        self.has: list[str] = []
        self.losses = 0
        self._cursor = 0

    async def wander(self) -> None:
        """Come and be lost, until cancelled: after some messages, or after some time."""
        while True:
            line = Line(f"resume_from={self._cursor}", self._random.choice((1, 2, 3, 9, 70, 2**31)))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._house.serve(line))
                await settle(self._random.randrange(80))
                line.lose()
            self._keep(line)
            self.losses += 1

    async def stay(self) -> Line:
        """Come for the last time; return the line once the run is over."""
        line = Line(f"resume_from={self._cursor}")
        await self._house.serve(line)
        self._keep(line)
        return line

    def _keep(self, line: Line) -> None:
        self.has += line.logged
        self._cursor = line.newest or self._cursor


async def test_after_a_thousand_losses_each_client_has_the_log_as_it_is_stored() -> None:
    """The run changes hands meanwhile, now this process's and now another's."""
    random, house = Random(13), House()
    wanderers = [Wanderer(house, random) for _ in range(3)]
    async with asyncio.timeout(60):
        async with asyncio.TaskGroup() as tasks:
            wandering = [tasks.create_task(each.wander()) for each in wanderers]
            while sum(each.losses for each in wanderers) < 1000:
                await settle(random.randrange(20))
                if random.random() < 0.1:
                    house.is_ours = not house.is_ours
                # A takeover by another process shows nothing here, though we believe that the run is ours.
                says = house.is_ours and random.random() < 0.8
                house.append(random.choice((1, 1, 2, 5)), says=says)
            for each in wandering:
                each.cancel()
        house.is_ours = False
        house.store.finish()
        lines = await asyncio.gather(*(each.stay() for each in wanderers))
    assert len(house.texts) > 1000
    for wanderer, line in zip(wanderers, lines, strict=True):
        assert wanderer.has == house.texts
        assert json.loads(line.taken[-1])["type"] == "end"


def stands(line: Line) -> JsonObject:
    ready = json.loads(line.taken[0])
    assert ready["type"] == "ready"
    resume: JsonObject = ready["data"]["resume"]
    return resume


@asynccontextmanager
async def serving(house: House, *lines: Line) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        for line in lines:
            tasks.create_task(house.serve(line))
        await settle()
        yield
        for line in lines:
            line.lose()


@pytest.mark.parametrize(
    ("query", "after", "gap", "sent"),
    [
        ("", "5", False, []),
        ("resume_from=0", "0", False, [1, 2, 3, 4, 5]),
        ("resume_from=3", "3", False, [4, 5]),
        ("resume_from=5", "5", False, []),
        ("resume_from=007&resume_from=1", "5", True, []),
        ("resume_from=9999999999999999999", "5", True, []),
        ("resume_from=99999999999999999999", "5", False, []),
        ("resume_from=-1", "5", False, []),
        ("resume_from=%D9%A1", "5", False, []),
        ("resume_from=", "5", False, []),
    ],
)
async def test_a_client_is_sent_what_follows_its_cursor(
    query: str, after: str, gap: bool, sent: list[int]
) -> None:
    house, line = House(), Line(query)
    house.append(5)
    async with serving(house, line):
        assert stands(line) == {"after": after, "oldest": "1", "newest": "5", "gap": gap}
        assert line.logged == [house.texts[seq - 1] for seq in sent]
        house.append(2, says=False)
        await line.until(lambda: line.newest == 7)
        assert line.logged == [house.texts[seq - 1] for seq in [*sent, 6, 7]]


async def test_whose_cursor_is_older_than_what_is_kept_learns_of_the_gap() -> None:
    house, line, whole = House(), Line("resume_from=2"), Line("resume_from=4")
    house.append(4)
    house.append(2)
    del house.store.flushes[0]
    async with serving(house, line, whole):
        assert stands(line) == {"after": "2", "oldest": "5", "newest": "6", "gap": True}
        assert not stands(whole)["gap"]
        await line.until(lambda: line.newest == 6)
        assert len(line.logged) == 2


async def test_ready_is_the_first_frame_of_a_run_without_any() -> None:
    house, line = House(), Line()
    async with serving(house, line):
        assert stands(line) == {"after": "0", "oldest": "0", "newest": "0", "gap": False}
        house.append(1, says=False)
        await line.until(lambda: line.newest == 1)


async def test_a_run_is_followed_once_however_many_watch_it() -> None:
    house, lines = House(), [Line() for _ in range(20)]
    house.append(3)
    async with serving(house, *lines):
        before = len(house.store.asked)
        for _ in range(10):
            await settle(20)
            house.append(1, says=False)
        await lines[-1].until(lambda: all(line.newest == 13 for line in lines))
        looks = len(house.store.asked) - before
        # Each look waits for one turn of the loop and for one of the thread: twenty times more would be seen.
        assert looks < 200
        assert all(line.logged == house.texts[3:] for line in lines)


async def test_a_look_asks_for_what_follows_the_last_flush() -> None:
    house, line = House(), Line("resume_from=0")
    house.append(60)
    async with serving(house, line):
        house.append(4, says=False)
        await line.until(lambda: line.newest == 64)
        house.append(1, says=False)
        await line.until(lambda: line.newest == 65)
    assert sorted(set(house.store.asked)) in ([60, 64], [60, 64, 65])


async def test_a_run_of_ours_is_not_asked_about() -> None:
    house, line = House(is_ours=True), Line()
    async with serving(house, line):
        house.append(1)
        await settle(200)
        assert line.logged == house.texts
    assert (house.store.asked, house.store.rows_read) == ([], 0)


async def test_following_ends_with_the_last_who_watches_and_not_before() -> None:
    house, first, second = House(), Line(), Line()
    async with serving(house, first, second):
        first.lose()
        await settle()
        house.append(1, says=False)
        await second.until(lambda: second.newest == 1)
    await settle()
    before = len(house.store.asked)
    await settle(200)
    assert len(house.store.asked) == before
    assert house.feeds.of(house.store.run.id) is None


async def test_a_run_that_is_over_ends_the_socket_once_its_whole_log_was_sent() -> None:
    house, line = House(), Line("resume_from=0")
    house.append(3)
    house.store.finish()
    house.add([make_event(4, "end", reason="caller", duration_ms=1), make_event(5, "usage")], says=False)
    async with asyncio.timeout(5):
        await house.serve(line)
    assert line.logged == house.texts
    assert len(line.taken) == 1 + 5, "the log's own end is the end"


async def test_a_run_that_ended_without_a_word_is_told_to_have_ended() -> None:
    house, line = House(), Line()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(house.serve(line))
        await settle()
        house.store.finish(end_reason="hangup-requested", disposition="canceled")
    end = json.loads(line.taken[-1])
    assert (end["type"], end["data"]) == (
        "end",
        {"reason": "hangup-requested", "disposition": "canceled"},
    )
    assert "seq" not in end


async def test_a_log_that_is_away_for_a_moment_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.sessions.log_reader.RETRY_S", 0)
    house, line = House(), Line("resume_from=0")
    house.append(3)
    async with serving(house, line):
        await line.until(lambda: line.newest == 3)
        house.store.failures = 3
        house.append(2, says=False)
        await line.until(lambda: line.newest == 5)
    assert line.logged == house.texts


async def test_a_visit_that_fails_ends_alone_for_a_call_may_outlast_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(_self: Follower, _feed: Feed) -> None:
        raise RuntimeError

    monkeypatch.setattr(Follower, "follow", fail)
    line = Line()
    async with asyncio.timeout(5):
        await House().serve(line)
    assert line.failed is not None
