"""Commands to calls that live in other processes: carried out there, and acknowledged once the log holds them."""

import asyncio
import logging
from dataclasses import replace

import pytest

from offhook.clock import system_clock
from offhook.errors import ConflictError
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import DtmfEvent, EndEvent, InjectEvent
from offhook.runs.model import RunStatus
from offhook.sessions.commands import Command, Dtmf, End, Interrupt, Steer
from offhook.sessions.mailbox import Commander
from offhook.sessions.tokens import SessionTokens, TokenScope
from streamer.loop_time import now_s
from streamer.sockets.close_codes import CloseCode
from tests.support.phone import dial
from tests.support.session_sockets import SessionPeer, watch
from tests.support.town import SETTINGS, Town, hear_greeting

logger = logging.getLogger(__name__)

_MEASURED = 20
_PERCENTILES = (10, 18)
"""Places of p50 and p95 among so many."""


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


async def test_what_is_wanted_through_another_process_is_acknowledged_within_a_second(town: Town) -> None:
    token = SessionTokens(SETTINGS.install_secret).mint(town.run, TokenScope.OPERATE, system_clock())
    rounds: list[list[float]] = []
    async with (
        town.streamer() as owner,
        town.streamer() as other,
        dial(owner.port, town.path()) as phone,
        watch(other.port, town.run, ws_token=token) as peer,
    ):
        await phone.start()
        await hear_greeting(phone)
        # A machine that is busy with other things delays a round, not each of three.
        while not rounds or (len(rounds) < 3 and rounds[-1][_PERCENTILES[1]] >= 1):
            rounds.append(sorted([await _acknowledged_after(town, peer) for _ in range(_MEASURED)]))
        await phone.hang_up()
    logger.info("acknowledged after %.0f ms (p50), %.0f (p95)", *(1000 * rounds[-1][n] for n in _PERCENTILES))
    assert rounds[-1][_PERCENTILES[1]] < 1
    assert len(town.told(InjectEvent)) == len(rounds) * _MEASURED


async def _acknowledged_after(town: Town, peer: SessionPeer) -> float:
    begun_s = now_s()
    answer = await peer.ask("inject", {"text": "A thought."})
    waited_s = now_s() - begun_s
    assert answer["type"] == "inject-ack", answer
    # By the time of the answer the log holds it.
    assert town.told(InjectEvent)[-1]["inject_id"] == answer["inject_id"]
    return waited_s


async def test_keys_are_pressed_one_after_the_other_through_another_process(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        await send(town, Dtmf(id="c1", digits="21"))
        # The first leads on to where no key does.
        assert [data["digit"] for data in town.told(DtmfEvent)] == ["2", "1"]
        await phone.hang_up()
