"""Transfers: the streamer on the real store and carrier client, and the carrier's words through the real route."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from offhook.clock import system_clock
from offhook.runs.log.events import KnownEvent, NodeEvent, TransferEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus
from offhook.sessions.commands import Transfer
from offhook.sessions.mailbox import Commander
from offhook.sessions.tokens import SessionTokens, TokenScope
from streamer.record import caller_line, transfer_outcome, transfers
from streamer.record.event_writer import EventWriter
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.server import Server
from tests.support.carrier import DIALLED, Answer, Asked, Silence
from tests.support.engines import SILENCE
from tests.support.phone import DEADLINE_S, Phone, dial
from tests.support.rest import PUBLIC_BASE_URL, Install
from tests.support.session_sockets import SessionPeer, watch
from tests.support.town import SETTINGS, Town

DESK = "+14155550100"
ABROAD = "+447700900123"
CALLER_LEG = "/calls/acme.cloudonix.net/sessions/session-1/application"
OTHER_LEG = "/customers/self/domains/acme.cloudonix.net/sessions/sess-0f3b"


COLD_END, COLD, WARM, FOREIGN, KEYS = "12345"


def _node(key: str, type_: str, **transfer: Any) -> Any:
    wanted = {"to": DESK, "message": "One moment.", "failed_say": "Nobody is there."} | transfer
    return {"id": f"to{key}", "type": type_, "data": {"name": key, "transfer": wanted}}


@pytest.fixture
def workflow() -> Any:
    """Return a switchboard: each key leads to another kind of transfer."""
    return {
        "nodes": [
            {"id": "menu", "type": "startCall", "data": {"name": "Menu", "say": "Whom do you want?"}},
            _node(COLD_END, "endCall", timeout_seconds=5),
            _node(COLD, "agentNode", timeout_seconds=20),
            _node(WARM, "agentNode", mode="warm", summary="{{customer_name}} wants to talk.", hold_say=""),
            _node(FOREIGN, "agentNode", to=ABROAD),
            {"id": "keys", "type": "agentNode", "data": {"name": "K", "say": "Wait.", "send_digits": "1w2"}},
            {"id": "note", "type": "agentNode", "data": {"name": "Note", "say": "May I take a message?"}},
            {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Goodbye."}},
        ],
        "edges": [
            *(
                {"id": f"k{key}", "source": "menu", "target": f"to{key}", "data": {"dtmf": key}}
                for key in (COLD_END, COLD, WARM, FOREIGN)
            ),
            *(
                {"id": f"f{key}", "source": f"to{key}", "target": "note", "data": {"when": "transfer_failed"}}
                for key in (COLD, WARM, FOREIGN)
            ),
            {"id": "k5", "source": "menu", "target": "keys", "data": {"dtmf": KEYS}},
            {"id": "sent", "source": "keys", "target": "note", "data": {"when": "digits_sent"}},
            {"id": "end", "source": "note", "target": "bye", "data": {"dtmf": "9"}},
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The town's carrier, as these tests see it: what was asked of it, and what it tells us."""

    town: Town
    http: httpx.Client
    install: Install

    def report(self, number: int = 1, **fields: str) -> httpx.Response:
        url = self.install.ports.links.transfer_result_url("cloudonix", self.town.run.id, number)
        return self.http.post(url.removeprefix(PUBLIC_BASE_URL), data=fields)

    @property
    def switched(self) -> list[ET.Element]:
        """The documents that the caller was switched to."""
        return [ET.fromstring(a.body["cxml"]) for a in self._asked("POST") if a.path == CALLER_LEG]

    @property
    def dialled(self) -> list[Any]:
        return [a.body for a in self._asked("POST") if a.path == "/calls/acme.cloudonix.net/application"]

    @property
    def hung_up(self) -> list[str]:
        return [a.path for a in self._asked("DELETE")]

    @property
    def states(self) -> list[tuple[object, object]]:
        return [(data["state"], data["reason"]) for data in self.town.told(TransferEvent)]

    @property
    def said(self) -> list[str]:
        return [segment.text for segment in transcript(self.town.log)]

    @property
    def live(self) -> frozenset[int]:
        return self.town.store.ledgers.get(self.town.run.organization_id).live

    def _asked(self, method: str) -> list[Asked]:
        return [asked for asked in self.town.carrier.asked if asked.method == method]


@pytest.fixture
def exchange(town: Town, install: Install) -> Exchange:
    town.add_number("+12025550100")
    town.carrier.answer_to = lambda asked: (
        DIALLED if asked.path.endswith("acme.cloudonix.net/application") else Answer(status=200, body={})
    )
    return Exchange(town=town, http=install.http, install=install)


async def hear(phone: Phone, sentences: int) -> None:
    """Hear so many sentences more to their end."""
    await phone.wait_until(lambda: len(phone.marks) >= sentences)
    for mark in phone.marks[:sentences]:
        await phone.confirm(mark)


async def choose(phone: Phone, key: str) -> None:
    """Hear the menu, press a key, and hear what is said before a transfer."""
    await phone.start()
    await hear(phone, 1)
    await phone.press(key)
    await hear(phone, 2)


async def test_a_caller_is_put_through_and_the_run_is_transferred(town: Town, exchange: Exchange) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD_END)
        await town.until(lambda: len(exchange.switched) == 1)
        transfer = town.stored_run.transfer
        assert transfer is not None
        assert transfer.place_id in exchange.live
        await phone.hang_up()
        reply = await asyncio.to_thread(exchange.report, DialCallStatus="completed", CallStatus="in-progress")
    assert transfer.place_id not in exchange.live
    (document,) = exchange.switched
    (noun,) = document[0]
    assert (noun.tag, noun.text, document[0].get("callerId")) == ("Number", DESK, "+15550100")
    assert document[0].get("timeout") == "5"
    assert [element.tag for element in ET.fromstring(reply.text)] == ["Hangup"]
    run = town.stored_run
    assert (run.status, run.disposition, run.end_reason) == (
        RunStatus.COMPLETED,
        "transferred",
        "transferred",
    )
    assert run.error is None
    assert exchange.states == [("started", None), ("completed", None)]
    assert exchange.hung_up == []
    assert run.transcript_key is not None


@pytest.mark.parametrize("word", ["busy", "no-answer"])
async def test_a_caller_whom_nobody_answers_comes_back_to_the_agent(
    town: Town, exchange: Exchange, word: str
) -> None:
    async with town.streamer() as first, town.streamer() as second:
        async with dial(first.port, town.path()) as old:
            await choose(old, COLD)
            await town.until(lambda: len(exchange.switched) == 1)
            await old.hang_up()
            reply = await asyncio.to_thread(exchange.report, DialCallStatus=word)
            assert [element.tag for element in ET.fromstring(reply.text)] == ["Connect", "Redirect"]
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await hear(new, 2)
            await new.press("9")
            await hear(new, 3)
            assert await new.wait_closed() == CloseCode.NORMAL
    assert exchange.states == [("started", None), ("failed", word)]
    assert exchange.said[2:] == ["Nobody is there.", "May I take a message?", "Goodbye."]
    assert (town.stored_run.status, town.stored_run.end_reason) == (RunStatus.COMPLETED, "end_call")


@pytest.mark.parametrize(
    ("key", "kind", "word"),
    [(COLD, TransferEvent, "started"), (WARM, TransferEvent, "started"), (KEYS, NodeEvent, "digits_sent")],
)
async def test_what_the_caller_leaves_us_for_is_in_the_log_before_the_carrier_is_asked(
    town: Town,
    exchange: Exchange,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    kind: type[KnownEvent],
    word: str,
) -> None:
    # Whoever gets the caller back goes on from the log; left to itself, the writer would still be gathering.
    defaults = EventWriter.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "gather_s", 60.0)
    stored_by_then: list[str] = []

    def answer(asked: Asked) -> Answer:
        stored_by_then.append(str(town.told(kind)))
        return DIALLED

    town.carrier.answer_to = answer
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, key)
        async with asyncio.timeout(DEADLINE_S):
            while not stored_by_then:
                await phone.knock()
        await phone.hang_up()
        if key == COLD:
            await asyncio.to_thread(exchange.report, DialCallStatus="completed")
    assert word in stored_by_then[0]


async def test_a_transfer_that_the_carrier_refuses_is_told_to_the_caller(
    town: Town, exchange: Exchange
) -> None:
    town.carrier.answer_to = lambda _asked: Answer(status=400)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD)
        await hear(phone, 4)
        assert exchange.states == [("started", None), ("failed", "carrier-refused")]
        await phone.hang_up()
    assert exchange.said[-2:] == ["Nobody is there.", "May I take a message?"]
    assert town.stored_run.disposition == "user_hangup"


async def test_a_destination_that_is_not_allowed_is_never_dialled(
    town: Town, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, FOREIGN)
        await hear(phone, 4)
        await phone.hang_up()
    assert exchange.states == [("started", None), ("failed", "destination-not-allowed")]
    assert town.carrier.asked == []
    lines = [(record.getMessage(), vars(record)) for record in caplog.records if "transfer" in record.name]
    assert [line for line, _ in lines] == ["transfer failed"]
    assert ABROAD not in str(lines)
    assert ABROAD not in str([event.data for event in town.log])


async def test_a_leg_that_the_limits_leave_no_room_for_is_never_dialled(
    town: Town, exchange: Exchange
) -> None:
    organization_id, organizations = town.run.organization_id, town.store.organizations
    limits = organizations.limits(organization_id)
    organizations.set_limits(organization_id, replace(limits, max_concurrent_calls=0))
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD)
        await hear(phone, 4)
        await phone.hang_up()
    assert exchange.states == [("started", None), ("failed", "concurrency-limit")]
    assert town.carrier.asked == []


async def test_an_unanswered_switch_counts_when_the_call_lives_on(
    town: Town, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_outcome, "RING_GRACE_S", -4)
    town.carrier.answer_to = lambda asked: Silence.DROPPED if asked.path == CALLER_LEG else Answer(status=200)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD_END)
        await town.until(lambda: len(exchange.switched) == 1)
        await phone.hang_up()
    assert town.stored_run.disposition == "transferred"


async def test_an_unanswered_switch_fails_while_the_caller_is_still_on_our_stream(
    town: Town, exchange: Exchange
) -> None:
    town.carrier.answer_to = lambda _asked: Answer(status=500)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD)
        await hear(phone, 4)
        await phone.hang_up()
    assert exchange.states == [("started", None), ("failed", "carrier-failed")]


async def test_a_busy_carrier_is_asked_once_more(town: Town, exchange: Exchange) -> None:
    answers = iter([Answer(status=429, headers={"retry-after": "1"}), Answer(status=200, body={})])
    town.carrier.answer_to = lambda asked: next(answers) if asked.path == CALLER_LEG else None
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD)
        await town.until(lambda: len(exchange.switched) == 2)
        await phone.hang_up()
        await asyncio.to_thread(exchange.report, DialCallStatus="completed")
    assert town.stored_run.disposition == "transferred"


async def test_a_carrier_is_waited_for_as_long_as_its_own_limit_may_hold_us_back(
    town: Town, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller_line, "_LONGEST_RETRY_S", 1)
    answers = iter([Answer(status=429, headers={"retry-after": "1"}), Answer(status=200, body={})])
    town.carrier.answer_to = lambda asked: next(answers) if asked.path == CALLER_LEG else None
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD)
        await town.until(lambda: len(exchange.switched) == 2)
        await phone.hang_up()
        await asyncio.to_thread(exchange.report, DialCallStatus="completed")
    assert town.stored_run.disposition == "transferred"


async def test_a_call_that_is_gone_without_a_word_was_hung_up(
    town: Town, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_outcome, "RING_GRACE_S", -4)
    town.carrier.answer_to = lambda asked: Answer(status=404 if asked.method == "GET" else 200, body={})
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD_END)
        await town.until(lambda: len(exchange.switched) == 1)
        await phone.hang_up()
    assert (town.stored_run.disposition, exchange.states[-1]) == ("user_hangup", ("failed", "caller-left"))


async def test_a_call_that_is_hung_up_over_the_api_while_it_rings_says_so(
    town: Town, exchange: Exchange
) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, COLD)
        await town.until(lambda: len(exchange.switched) == 1)
        await phone.hang_up()
        town.store.runs.request_hangup(town.run, system_clock())
    assert (town.stored_run.disposition, town.stored_run.end_reason) == ("canceled", "hangup_requested")


async def test_a_caller_waits_until_the_other_person_knows_what_it_is_about(
    town: Town, exchange: Exchange
) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, WARM)
        await town.until(lambda: len(exchange.dialled) == 1)
        await asyncio.to_thread(exchange.report, status="ringing")
        await asyncio.to_thread(exchange.report, status="answered")
        assert exchange.switched == []
        await asyncio.to_thread(
            exchange.report, StatusCallbackEvent="participant-join", CallStatus="in-progress"
        )
        await town.until(lambda: len(exchange.switched) == 1)
        await phone.hang_up()
    (body,), (document,) = exchange.dialled, exchange.switched
    other = ET.fromstring(body["cxml"])
    assert [element.tag for element in other] == ["Say", "Dial", "Hangup"]
    assert other[0].text == "Ada wants to talk."
    assert (body["destination"], body["caller-id"], body["timeout"]) == (DESK, "+15550100", 30)
    assert other[1][0].text == document[0][0].text == f"transfer-{town.run.id}-1"
    assert body["callback"] == other[1][0].get("statusCallback")
    assert exchange.states == [("started", None), ("answered", None), ("completed", None)]
    assert (town.stored_run.disposition, exchange.hung_up) == ("transferred", [])


@pytest.mark.parametrize(
    ("word", "reason"), [("busy", "busy"), ("noanswer", "no-answer"), ("completed", "hung-up")]
)
async def test_a_caller_stays_with_the_agent_when_the_other_person_does_not_come(
    town: Town, exchange: Exchange, word: str, reason: str
) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, WARM)
        await town.until(lambda: len(exchange.dialled) == 1)
        await asyncio.to_thread(exchange.report, status=word)
        await hear(phone, 4)
        # The call's clock is the caller's audio: keys pressed at the same moment are one.
        await phone.say(SILENCE * 5)
        await phone.press("9")
        await hear(phone, 5)
        assert await phone.wait_closed() == CloseCode.NORMAL
    assert exchange.states == [("started", None), ("failed", reason)]
    assert exchange.said[2:] == ["Nobody is there.", "May I take a message?", "Goodbye."]
    assert (exchange.switched, town.stored_run.end_reason) == ([], "end_call")


async def test_the_other_person_is_hung_up_on_when_they_never_answer(
    town: Town, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "RING_GRACE_S", -28)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, WARM)
        await hear(phone, 4)
        await phone.hang_up()
    assert exchange.states == [("started", None), ("failed", "no-answer")]
    assert exchange.hung_up == [OTHER_LEG]


async def test_the_other_person_is_hung_up_on_when_the_caller_leaves(town: Town, exchange: Exchange) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await choose(phone, WARM)
        await town.until(lambda: len(exchange.dialled) == 1)
        await phone.hang_up()
    assert exchange.hung_up == [OTHER_LEG]
    assert exchange.states == [("started", None), ("failed", "caller-left")]
    assert town.stored_run.disposition == "user_hangup"


async def test_a_caller_who_finds_the_room_empty_is_fetched_back(town: Town, exchange: Exchange) -> None:
    async with town.streamer() as first, town.streamer() as second:
        async with dial(first.port, town.path()) as old:
            await choose(old, WARM)
            await town.until(lambda: len(exchange.dialled) == 1)
            await asyncio.to_thread(exchange.report, StatusCallbackEvent="participant-join")
            await town.until(lambda: len(exchange.switched) == 1)
            await old.hang_up()
            await asyncio.to_thread(exchange.report, status="completed")
            await town.until(lambda: len(exchange.switched) == 2)
            town.store.runs.begin_stream(town.run)
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await hear(new, 2)
            await new.hang_up()
    assert [element.tag for element in exchange.switched[1]] == ["Redirect"]
    assert exchange.states == [("started", None), ("answered", None), ("failed", "hung-up")]
    assert exchange.said[2:] == ["Nobody is there.", "May I take a message?"]


async def test_another_task_lets_go_of_the_person_whom_the_former_one_was_calling(
    town: Town, exchange: Exchange
) -> None:
    async with (
        town.streamer() as first,
        town.streamer() as second,
        dial(first.port, town.path()) as old,
    ):
        await choose(old, WARM)
        await town.until(lambda: (t := town.stored_run.transfer) is not None and t.call_id is not None)
        town.store.runs.begin_stream(town.run)
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await hear(new, 2)
            await town.until(lambda: OTHER_LEG in exchange.hung_up)
            await town.until(lambda: exchange.live <= {town.run.id})
            assert await old.wait_closed() == CloseCode.TAKEN_OVER
            await new.hang_up()
    assert exchange.states == [("started", None), ("failed", "interrupted")]
    assert exchange.switched == []


async def test_keys_are_pressed_between_two_streams(town: Town, exchange: Exchange) -> None:
    async with town.streamer() as first, town.streamer() as second:
        async with dial(first.port, town.path()) as old:
            await choose(old, KEYS)
            await town.until(lambda: len(exchange.switched) == 1)
            await old.hang_up()
            town.store.runs.begin_stream(town.run)
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await hear(new, 1)
            await new.press("9")
            await hear(new, 2)
            assert await new.wait_closed() == CloseCode.NORMAL
    (document,) = exchange.switched
    assert [(element.tag, element.get("digits")) for element in document] == [
        ("Play", "1w2"),
        ("Redirect", None),
    ]
    assert exchange.said == ["Whom do you want?", "Wait.", "May I take a message?", "Goodbye."]
    assert (town.stored_run.status, town.stored_run.end_reason) == (RunStatus.COMPLETED, "end_call")


# --- an operator's ---

BEFORE = "One moment please, I am putting you through."
FAILED = "I am sorry, nobody can take your call at the moment."


def operator(server: Server, town: Town) -> AbstractAsyncContextManager[SessionPeer]:
    token = SessionTokens(SETTINGS.install_secret).mint(town.run, TokenScope.OPERATE, system_clock())
    return watch(server.port, town.run, ws_token=token, resume_from=0)


def transfers_of(peer: SessionPeer) -> list[Any]:
    return [frame["data"] for frame in peer.frames if frame["type"] == "transfer"]


async def test_an_operator_of_another_process_puts_a_caller_through_who_comes_back_to_the_agent(
    town: Town, exchange: Exchange
) -> None:
    async with town.streamer() as first, town.streamer() as second, operator(second, town) as peer:
        async with dial(first.port, town.path()) as old:
            await old.start()
            await hear(old, 1)
            assert (await peer.ask("transfer", {"to": DESK}))["type"] == "ack"
            # The log holds it by then.
            assert exchange.states == [("started", None)]
            refused = await peer.ask("transfer", {"to": DESK}, id_="again")
            assert (refused["type"], refused["code"]) == ("error", "transfer-under-way")
            await hear(old, 2)
            await town.until(lambda: len(exchange.switched) == 1)
            await old.hang_up()
            await asyncio.to_thread(exchange.report, DialCallStatus="busy")
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await hear(new, 2)
            await peer.wait_until(lambda: len(transfers_of(peer)) == 2)
            await new.hang_up()
    assert [(told["state"], told["reason"]) for told in transfers_of(peer)] == [
        ("started", None),
        ("failed", "busy"),
    ]
    assert len({told["command_id"] for told in transfers_of(peer)}) == 1
    assert exchange.said == ["Whom do you want?", BEFORE, FAILED, "Whom do you want?"]
    assert exchange.switched[0][0][0].text == DESK


async def test_an_operator_puts_nobody_through_to_where_no_call_may_go_and_nothing_changes(
    town: Town, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "streamer")
    async with (
        town.streamer() as server,
        operator(server, town) as peer,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear(phone, 1)
        for wanted, code in (
            ({"to": ABROAD}, "destination-not-allowed"),
            ({"to": ABROAD.removeprefix("+")}, "invalid-request"),
            ({"to": "{{desk}}"}, "invalid-request"),
            ({"to": DESK, "timeout_seconds": 4}, "invalid-frame"),
            ({"to": DESK, "summary": "x" * 2001}, "invalid-frame"),
        ):
            answer = await peer.ask("transfer", wanted, id_=code)
            assert (answer["type"], answer["code"], answer["request_id"]) == ("error", code, code)
            assert ABROAD.removeprefix("+") not in answer["message"]
        await phone.hang_up()
    assert (exchange.states, town.carrier.asked, len(exchange.said)) == ([], [], 1)
    assert ABROAD.removeprefix("+") not in caplog.text


async def test_a_command_that_comes_twice_puts_a_caller_through_once(town: Town, exchange: Exchange) -> None:
    commander = Commander(town.store.mailbox, system_clock)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear(phone, 1)
        for _ in range(2):
            await asyncio.to_thread(commander.send, town.stored_run, Transfer(id="o1", to=DESK, say=""))
        await town.until(lambda: len(exchange.switched) == 1)
        await phone.hang_up()
        await asyncio.to_thread(exchange.report, DialCallStatus="completed", CallStatus="in-progress")
    assert exchange.states == [("started", None), ("completed", None)]
    assert (len(exchange.switched), town.stored_run.end_reason) == (1, "transferred")
