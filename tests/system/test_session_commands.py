"""Commands to calls that live in other processes: carried out there, and acknowledged once the log holds them."""

import asyncio
from dataclasses import replace

import pytest

from offhook.clock import system_clock
from offhook.errors import ConflictError
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import EndEvent
from offhook.runs.model import RunStatus
from offhook.sessions.commands import Command, Dtmf, End, Interrupt, Steer
from offhook.sessions.mailbox import Commander
from streamer.sockets.close_codes import CloseCode
from tests.support.phone import dial
from tests.support.town import Town, hear_greeting


async def send(town: Town, command: Command) -> None:
    """Send a command as a process does that has not the call."""
    commander = Commander(town.store.mailbox, system_clock)
    await asyncio.to_thread(lambda: commander.send(town.stored_run, command))


async def test_a_call_is_ended_from_another_process_and_the_log_holds_its_end_by_then(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        await send(town, End(id="c1", reason=EndReason.OPERATOR))
        assert [data["reason"] for data in town.told(EndEvent)] == ["system_cancelled"]
        assert await phone.wait_closed() == CloseCode.NORMAL
    assert (town.stored_run.status, town.stored_run.end_reason) == (RunStatus.COMPLETED, "system_cancelled")


async def test_what_is_not_done_is_answered_with_the_reason(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        with pytest.raises(ConflictError) as caught:
            await send(town, Steer(id="c1", voice="Joanna"))
        assert caught.value.code == "not-steerable"
        await phone.hang_up()


async def test_a_call_without_an_owner_takes_no_command(town: Town) -> None:
    with pytest.raises(ConflictError) as caught:
        await send(town, Interrupt(id="c1"))
    assert (caught.value.code, "dialing" in caught.value.detail) == ("session-state", True)


async def test_a_call_that_has_gone_elsewhere_meanwhile_is_not_here(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        elsewhere = replace(town.stored_run, id=4711)
        commander = Commander(town.store.mailbox, system_clock)
        with pytest.raises(ConflictError) as caught:
            await asyncio.to_thread(lambda: commander.send(elsewhere, Dtmf(id="c1", digits="1")))
        assert caught.value.code == "session-state"
        await phone.hang_up()
