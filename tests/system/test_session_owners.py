"""Owners of calls that are frozen or killed: what those are answered who want something of the call."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from offhook.adapters.s3.media import S3Media
from offhook.clock import system_clock
from offhook.errors import ConflictError, OffhookError, UnansweredError
from offhook.ids import new_uuid
from offhook.json_types import JsonValue
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import InjectEvent
from offhook.runs.model import Run
from offhook.sessions.commands import Inject
from offhook.sessions.mailbox import Commander, Letter, LetterStatus, Mailbox
from offhook.settings import Settings
from tests.support.fleet import Fleet, fleet
from tests.support.phone import STARTED

_MOST_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an injection, and after how long."""

    inject_id: str
    code: str
    seconds: float


async def inject(town: Fleet, run: Run) -> Answer:
    """Have something injected by a process that has not the call, as a REST function does."""
    command, begun = Inject(id=new_uuid(), text="Speak slowly."), time.monotonic()
    commander = Commander(town.store.mailbox, system_clock)
    code = "done"
    try:
        await asyncio.to_thread(commander.send, await town.run(run.id), command)
    except OffhookError as error:
        code = error.code
    return Answer(inject_id=command.id, code=code, seconds=time.monotonic() - begun)


def once_taken(mailbox: Mailbox, letter: Letter) -> LetterStatus:
    """Look as fast as that can be until the owner has taken a letter; return how far it is then."""
    while (status := mailbox.get(letter).status) is LetterStatus.WAITING:
        pass
    return status


async def freeze_with_a_claimed_letter(town: Fleet, run: Run) -> Letter:
    """Have the first streamer stand still between its claim of a letter and its acknowledgement."""
    owner = await town.run(run.id)
    assert owner.ownership
    for _ in range(_MOST_TRIES):
        letter = Letter(
            owner=owner.ownership.owner,
            run_id=run.id,
            id=(command := Inject(id=new_uuid(), text="Speak slowly.")).id,
            command=command,
            sender="",
            sent_at=system_clock(),
        )
        town.store.mailbox.put(letter)
        if await asyncio.to_thread(once_taken, town.store.mailbox, letter) is LetterStatus.CLAIMED:
            town.freeze(0)
            # What it had sent before may still be on its way.
            await asyncio.sleep(0.2)
            if town.store.mailbox.get(letter).status is LetterStatus.CLAIMED:
                return letter
            town.wake(0)
    raise AssertionError("it was too fast each time")


def injected(log: list[LogEntry]) -> list[JsonValue]:
    return [entry.data["inject_id"] for entry in log if isinstance(entry.event, InjectEvent)]


@pytest.mark.long
async def test_owners_that_stand_still_or_are_gone_are_told_of_and_do_nothing_late(
    storage_settings: Settings, media: S3Media, tmp_path: Path
) -> None:
    async with fleet(storage_settings, media, tmp_path, streamers=2) as town:
        run = await town.add_run()
        async with town.phone(run, 0) as phone:
            await phone.start(STARTED)
            await phone.wait_until(lambda: len(phone.audio) > 8000)
            first = await inject(town, run)
            assert (first.code, first.seconds < 2) == ("done", True)
            assert injected(await town.log(run.id)) == [first.inject_id]

            town.freeze(0)
            frozen = await inject(town, run)
            assert (frozen.code, 2 < frozen.seconds < 3.5) == ("not-claimed", True)
            town.wake(0)
            second = await inject(town, run)
            assert second.code == "done"
            # It has found nothing of what was taken back meanwhile.
            assert injected(await town.log(run.id)) == [first.inject_id, second.inject_id]

            claimed = await freeze_with_a_claimed_letter(town, run)
            assert claimed.command
            commander = Commander(town.store.mailbox, system_clock)
            with pytest.raises(UnansweredError):
                await asyncio.to_thread(commander.send, await town.run(run.id), claimed.command)
            os.kill(town.streamers[0].process.pid, signal.SIGKILL)
            assert (await inject(town, run)).code == "not-claimed"
            before = injected(await town.log(run.id))

        begun = await town.begin_stream(run)
        town.next_streamer()
        async with town.phone(begun, 1) as phone:
            await phone.start(replace(STARTED, stream_sid="MZ2"))
            await phone.wait_until(lambda: len(phone.audio) > 8000)
            # The next owner does not do again what the one before it had claimed, and takes what is new.
            last = await inject(town, run)
            assert last.code == "done"
            assert injected(await town.log(run.id)) == [*before, last.inject_id]
            await phone.hang_up()
        await town.until_over(run.id)
        over = await town.run(run.id)
        with pytest.raises(ConflictError, match="completed") as caught:
            commander.send(over, Inject(id=new_uuid(), text="Too late."))
        assert caught.value.code == "session-state"
