"""The mailbox of a process: what is taken of it, in which order, and what a failure leaves of the rest."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from offhook.errors import StorageError
from offhook.sessions.commands import Command, Interrupt, Refusal
from offhook.sessions.mailbox import KEPT_FOR, Letter, LetterStatus
from streamer.call import events
from streamer.live_calls import LiveCall, LiveCalls
from streamer.sessions.mailroom import Mailroom
from tests.support.makers import NOON
from tests.support.session_sockets import inline_threads

US = "streamer-1"
ANYTHING = Interrupt(id="c")


@dataclass
class MemoryMailbox:
    """Letters in memory; it fails as often as it is told to."""

    letters: dict[str, Letter] = field(default_factory=dict)
    claimed: list[str] = field(default_factory=list)
    looks: int = 0
    failures: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def waiting(self, owner: str) -> Sequence[Letter]:
        self.looks += 1
        self.changed.set()
        if self.failures:
            self.failures -= 1
            raise StorageError("It is away.")
        return [each for each in self.letters.values() if each.status is LetterStatus.WAITING]

    def claim(self, letter: Letter) -> bool:
        if self.letters.get(letter.id) != letter:
            return False
        self.claimed.append(letter.id)
        self._set(letter, status=LetterStatus.CLAIMED)
        return True

    def acknowledge(self, letter: Letter, refusal: Refusal | None) -> None:
        self._set(letter, status=LetterStatus.REFUSED if refusal else LetterStatus.DONE, refusal=refusal)

    def cancel(self, letter: Letter) -> bool:
        del self.letters[letter.id]
        self.changed.set()
        return True

    def _set(self, letter: Letter, **changes: object) -> None:
        self.letters[letter.id] = replace(letter, **changes)  # type: ignore[arg-type]
        self.changed.set()

    def send(self, id_: str, run_id: int = 1, command: Command | None = ANYTHING) -> None:
        self.letters[id_] = Letter(owner=US, run_id=run_id, id=id_, command=command, sender="", sent_at=NOON)

    async def until(self, *ids: str) -> list[Letter]:
        """Wait until these are answered."""
        async with asyncio.timeout(5):
            while any(self.letters[each].status not in ("done", "refused") for each in ids):
                self.changed.clear()
                await self.changed.wait()
        return [self.letters[each] for each in ids]


@dataclass(eq=False)
class FakeCall:
    """A call that does what it is told, and its record; `is_stored` is set while the store takes what was done."""

    error: Exception | None = None
    did: list[events.OperatorEvent] = field(default_factory=list)
    is_stored: asyncio.Event = field(default_factory=asyncio.Event)

    def operate(self, event: events.OperatorEvent) -> None:
        if self.error:
            raise self.error
        self.did.append(event)

    async def flush(self) -> None:
        await self.is_stored.wait()


class FakeCalls(dict[int, FakeCall]):
    """The calls of the process, by run."""

    def __init__(self, calls: dict[int, FakeCall] | None = None) -> None:
        super().__init__(calls or {})
        self.came = asyncio.Event()
        if calls:
            self.came.set()

    def find(self, run_id: int) -> LiveCall | None:
        call = self.get(run_id)
        return None if call is None else cast(LiveCall, _Both(call, call))

    @property
    def are_some(self) -> bool:
        return bool(self)

    async def some(self) -> None:
        await self.came.wait()

    def begin(self, run_id: int, call: FakeCall) -> None:
        self[run_id] = call
        self.came.set()


@dataclass(frozen=True)
class _Both:
    conductor: FakeCall
    record: FakeCall


@asynccontextmanager
async def serving(
    mailbox: MemoryMailbox, calls: FakeCalls, now: timedelta = timedelta()
) -> AsyncIterator[None]:
    mailroom = Mailroom(
        mailbox,  # type: ignore[arg-type]  # what it is asked for
        owner=US,
        live_calls=cast(LiveCalls, calls),
        threads=inline_threads(),
        clock=lambda: NOON + now,
    )
    task = asyncio.create_task(mailroom.run())
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def good_call() -> FakeCall:
    call = FakeCall()
    call.is_stored.set()
    return call


async def test_what_is_wanted_of_one_run_is_done_in_the_order_of_its_sending() -> None:
    mailbox, calls = MemoryMailbox(), FakeCalls({1: good_call(), 2: good_call()})
    for id_, run_id in (("a", 2), ("b", 1), ("c", 2), ("d", 1)):
        mailbox.send(id_, run_id)
    async with serving(mailbox, calls):
        answered = await mailbox.until("a", "b", "c", "d")
    assert {letter.status for letter in answered} == {LetterStatus.DONE}
    assert [each for each in mailbox.claimed if each in "ac"] == ["a", "c"]
    assert [each for each in mailbox.claimed if each in "bd"] == ["b", "d"]


async def test_nothing_is_acknowledged_before_the_log_holds_it_and_no_other_run_waits_for_that() -> None:
    slow = FakeCall()
    mailbox, calls = MemoryMailbox(), FakeCalls({1: slow, 2: good_call()})
    mailbox.send("a", 1)
    mailbox.send("b", 2)
    async with serving(mailbox, calls):
        await mailbox.until("b")
        assert mailbox.letters["a"].status is LetterStatus.CLAIMED
        # Not claimed, so that its sender learns soon that it was not done.
        mailbox.send("c", 1)
        mailbox.send("d", 2)
        await mailbox.until("d")
        assert mailbox.letters["c"].status is LetterStatus.WAITING
        slow.is_stored.set()
        await mailbox.until("a", "c")


async def test_a_command_that_fails_is_not_acknowledged_and_harms_no_other() -> None:
    mailbox = MemoryMailbox(failures=1)
    calls = FakeCalls({1: FakeCall(error=RuntimeError("broken")), 2: good_call()})
    mailbox.send("a", 1)
    mailbox.send("b", 2)
    async with serving(mailbox, calls):
        await mailbox.until("b")
        mailbox.send("c", 2)
        await mailbox.until("c")
    assert mailbox.letters["a"].status is LetterStatus.CLAIMED


async def test_what_cannot_be_done_here_is_refused_at_once() -> None:
    mailbox, calls = MemoryMailbox(), FakeCalls({1: good_call()})
    mailbox.send("gone", 2)
    mailbox.send("unknown", 1, None)
    async with serving(mailbox, calls):
        answered = await mailbox.until("gone", "unknown")
    assert [letter.refusal and letter.refusal.code for letter in answered] == [
        "session-state",
        "command-unknown",
    ]


async def test_who_wakes_up_after_half_a_minute_does_nothing_of_what_was_wanted_then() -> None:
    mailbox, call = MemoryMailbox(), good_call()
    mailbox.send("a")
    async with serving(mailbox, FakeCalls({1: call}), KEPT_FOR + timedelta(seconds=1)), asyncio.timeout(5):
        while "a" in mailbox.letters:
            mailbox.changed.clear()
            await mailbox.changed.wait()
    assert (call.did, mailbox.claimed) == ([], [])


async def test_a_process_without_calls_does_not_look_but_for_those_who_come_as_the_last_one_ends() -> None:
    mailbox, calls = MemoryMailbox(), FakeCalls()
    async with serving(mailbox, calls):
        for _ in range(20):
            await asyncio.sleep(0)
        assert mailbox.looks == 0
        calls.begin(1, good_call())
        mailbox.send("a", 1)
        await mailbox.until("a")
        calls.clear()
        calls.came.clear()
        mailbox.send("b", 1)
        (late,) = await mailbox.until("b")
        assert late.refusal
        assert late.refusal.code == "session-state"
