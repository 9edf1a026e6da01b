"""Before the first word an organization's own system is asked who calls; it fills the templates, or the call goes on without."""

import asyncio
import copy
import json
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from offhook.json_types import JsonObject
from offhook.runs.ending.deliveries import signature
from offhook.runs.log.events import ErrorEvent, FetchedEvent, TakeoverEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus
from offhook.runs.ports import Courier, Reply
from offhook.signing import webhook_secret
from offhook.tools.credentials import add_credential
from offhook.tools.model import CredentialType
from offhook.tools.presenting import Wallet
from offhook.workflows.nodes import StartNode
from streamer.record.pre_call_fetch import Fetched, PreCallFetch
from streamer.sockets.close_codes import CloseCode
from tests.support.callback_receiver import CallbackReceiver, callback_receiver
from tests.support.calls import APPOINTMENT
from tests.support.makers import NOON, make_run
from tests.support.phone import dial
from tests.support.town import SETTINGS, UTTERANCE, Town, hear_greeting, hearing, say_and_hear

ASKS = "Does Monday still suit you?"


@pytest.fixture
def receiver() -> Iterator[CallbackReceiver]:
    with callback_receiver() as receiver:
        yield receiver


def fetching(url: str, **data: Any) -> JsonObject:
    """Return the appointment's workflow with a start that fetches."""
    workflow: Any = copy.deepcopy(APPOINTMENT)
    workflow["nodes"][0]["data"] |= {"pre_call_fetch_mode": "always", "pre_call_fetch_url": url, **data}
    return workflow  # type: ignore[no-any-return]


@pytest.fixture
def workflow(receiver: CallbackReceiver, request: pytest.FixtureRequest) -> JsonObject:
    return fetching(f"{receiver.url}/crm", **getattr(request, "param", {}))


def answers(receiver: CallbackReceiver, *bodies: Any) -> None:
    receiver.answers[:] = [json.dumps(body).encode() for body in bodies]


async def call(town: Town, until: Callable[[], bool] | None = None) -> list[str]:
    """Call, hear the greeting and say yes; return what the agent said in it."""
    async with town.streamer(engines=hearing("yes")) as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        await say_and_hear(phone, 2)
        assert await phone.wait_closed() == CloseCode.NORMAL
    assert town.stored_run.status is RunStatus.COMPLETED
    return [segment.text for segment in transcript(town.log)][:2]


async def test_what_is_told_of_the_call_fills_the_templates_and_stays_on_the_run(
    town: Town, receiver: CallbackReceiver
) -> None:
    answers(receiver, {"initial_context": {"customer_name": "Grace", "visits": 3}})
    assert await call(town) == ["Hello Grace.", ASKS]
    (told,) = town.told(FetchedEvent)
    assert told["values"] == {"customer_name": "Grace", "visits": 3}
    assert town.stored_run.initial_context == {"customer_name": "Grace", "visits": 3}
    assert town.told(ErrorEvent) == []


async def test_the_question_names_agent_and_numbers_and_is_signed(
    town: Town, receiver: CallbackReceiver
) -> None:
    await call(town)
    asked = receiver.next_delivery()
    assert (asked.method, asked.path) == ("POST", "/crm")
    assert asked.document == {
        "event": "call_outbound",
        "call_outbound": {
            "agent_id": town.run.agent_uuid,
            "from_number": "+15550100",
            "to_number": "+15550101",
            "workflow_run_id": town.run.id,
        },
    }
    t = int(asked.headers["x-offhook-signature"].removeprefix("t=").partition(",")[0])
    secret = webhook_secret(SETTINGS.install_secret, town.run.organization_id)
    made = signature(asked.body, secret, NOON.fromtimestamp(t, NOON.tzinfo))
    assert asked.headers["x-offhook-signature"] == made
    assert receiver.deliveries.empty()


async def test_what_only_the_system_may_say_is_dropped(town: Town, receiver: CallbackReceiver) -> None:
    forged = {
        "caller_number": "+1900",
        "workflow_run_id": 1,
        "agent_uuid": "x",
        "call_id": "y",
        "tier": "gold",
    }
    answers(receiver, {"initial_context": forged})
    await call(town)
    assert town.told(FetchedEvent)[0]["values"] == {"tier": "gold"}


@pytest.mark.parametrize("workflow", [{"pre_call_fetch_credential_uuid": "c1"}], indirect=True)
async def test_the_organizations_credential_is_presented(town: Town, receiver: CallbackReceiver) -> None:
    given = {"token": "s3cret-of-the-crm"}
    organization_id, type_ = town.run.organization_id, CredentialType.BEARER_TOKEN
    add_credential(
        town.store.credentials,
        town.box,
        organization_id,
        "c1",
        name="CRM",
        type_=type_,
        given=given,
        now=NOON,
    )
    await call(town)
    assert receiver.next_delivery().headers["authorization"] == "Bearer s3cret-of-the-crm"
    assert "s3cret" not in str([entry.data for entry in town.log])


@pytest.mark.parametrize("workflow", [{"pre_call_fetch_credential_uuid": "of-another"}], indirect=True)
async def test_a_credential_that_is_not_there_costs_no_call(town: Town, receiver: CallbackReceiver) -> None:
    assert await call(town) == ["Hello Ada.", ASKS]
    assert receiver.deliveries.empty()
    assert [error["code"] for error in town.told(ErrorEvent)] == ["not-found"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (500, "fetch-unusable"),
        ((302, {"Location": "http://127.0.0.1/"}), "fetch-unusable"),
        (b"<html>", "fetch-unusable"),
        (b"[" * 60_000, "fetch-unusable"),
        (b'{"initial_context": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "fetch-unusable"),
        (b'{"initial_context": {"a": "' + b"x" * 70_000 + b'"}}', "fetch-unusable"),
        (b"[1, 2]", None),
        (b'{"initial_context": "Grace"}', None),
        (b"", None),
        (204, None),
    ],
)
async def test_an_answer_that_tells_nothing_costs_no_call(
    town: Town, receiver: CallbackReceiver, answer: Any, code: str | None
) -> None:
    receiver.answers[:] = [answer]
    assert await call(town) == ["Hello Ada.", ASKS]
    errors = town.told(ErrorEvent)
    assert [(error["code"], error["recoverable"]) for error in errors] == ([(code, True)] if code else [])
    assert town.stored_run.initial_context == {"customer_name": "Ada"}


class TestASilentSystem:
    """What is not answered in time."""

    @pytest.fixture
    def workflow(self) -> Iterator[JsonObject]:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            yield fetching(f"http://127.0.0.1:{silent.getsockname()[1]}")

    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {"pre_call_fetch_limit_ms": 300}

    async def test_is_waited_for_as_long_as_the_agent_says(self, town: Town) -> None:
        loop = asyncio.get_running_loop()
        async with town.streamer(engines=hearing("yes")) as server, dial(server.port, town.path()) as phone:
            began_s = loop.time()
            await phone.start()
            await phone.wait_until(lambda: bool(phone.audio))
            took_s = loop.time() - began_s
            await hear_greeting(phone)
            await say_and_hear(phone, 2)
            await phone.wait_closed()
        assert 0.3 <= took_s < 2
        assert [segment.text for segment in transcript(town.log)][:2] == ["Hello Ada.", ASKS]
        assert [error["code"] for error in town.told(ErrorEvent)] == ["fetch-too-slow"]

    async def test_holds_up_nobody_who_hangs_up_meanwhile(self, town: Town) -> None:
        async with town.streamer() as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await phone.hang_up()
        assert (town.stored_run.status, town.stored_run.end_reason) == (RunStatus.COMPLETED, "user_hangup")

    async def test_does_not_cost_a_caller_who_says_hello_the_greeting(self, town: Town) -> None:
        async with (
            town.streamer(engines=hearing("hello", "yes")) as server,
            dial(server.port, town.path()) as phone,
        ):
            await phone.start()
            await phone.say(UTTERANCE)
            await hear_greeting(phone)
            await phone.wait_until(lambda: len(phone.marks) >= 2)
            await phone.hang_up()
        said = [segment.text for segment in transcript(town.log) if segment.speaker == "agent"]
        assert said[:2] == ["Hello Ada.", ASKS]


class SlowSystem:
    """Answers nobody of one organization before it is `released`, and all others at once."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def request(self, _method: str, url: str, **_options: Any) -> Reply:
        if "slow" in url:
            self.released.wait()
        return Reply(status=200, body=b'{"initial_context": {"tier": "gold"}}')


async def test_a_system_that_is_slow_holds_up_no_other_organizations_calls() -> None:
    system = SlowSystem()
    # No credential is named.
    wallet = Wallet(credentials=None, secret_box=None)  # type: ignore[arg-type]
    fetch = PreCallFetch(cast("Courier", system), wallet, clock=lambda: NOON, install_secret="x" * 32)

    def ask(organization_id: str) -> Coroutine[Any, Any, Fetched]:
        nodes: Any = fetching(f"https://{organization_id}.example.com")["nodes"]
        start = StartNode.model_validate(nodes[0])
        return fetch.ask(make_run(organization_id), start, 2000)

    try:
        async with asyncio.TaskGroup() as tasks:
            held_up = [tasks.create_task(ask("slow")) for _ in range(200)]
            await asyncio.sleep(0)
            assert (await ask("quick")).values == {"tier": "gold"}
            system.released.set()
        assert {task.result().values["tier"] for task in held_up} == {"gold"}
    finally:
        system.released.set()
        fetch.close()


@pytest.mark.parametrize("workflow", [{"pre_call_fetch_mode": "inbound"}], indirect=True)
async def test_nothing_is_asked_before_calls_of_the_other_direction(
    town: Town, receiver: CallbackReceiver
) -> None:
    await call(town)
    assert receiver.deliveries.empty()


async def test_whoever_takes_the_call_over_reads_the_answer_in_its_log(
    town: Town, receiver: CallbackReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The calls' clock is the callers' audio alone: however long the takeover lasts, none of the greeting counts as heard.
    monkeypatch.setattr("streamer.conductor.quiet_line.LOOK_EVERY_MS", 60_000)
    answers(
        receiver, {"initial_context": {"customer_name": "Grace"}}, {"initial_context": {"customer_name": "?"}}
    )
    async with (
        town.streamer() as first,
        town.streamer(engines=hearing("yes")) as second,
        dial(first.port, town.path(1)) as old,
    ):
        await old.start()
        await old.wait_until(lambda: bool(old.marks))
        await town.until(lambda: len(town.told(FetchedEvent)) == 1)
        town.store.runs.begin_stream(town.run)
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await town.until(lambda: len(town.told(TakeoverEvent)) == 2)
            await hear_greeting(new)
            await say_and_hear(new, 2)
            await new.wait_closed()
    assert [segment.text for segment in transcript(town.log)][:2] == ["Hello Grace.", ASKS]
    assert town.stored_run.initial_context["customer_name"] == "Grace"
    assert receiver.deliveries.qsize() == 1


async def test_a_greeting_may_be_told_too(town: Town, receiver: CallbackReceiver) -> None:
    answers(
        receiver,
        {
            "initial_context": {
                "greeting_override": {"type": "text", "text": "Hi {{name}}. Is Monday fine?"},
                "name": "Al",
            }
        },
    )
    assert await call(town) == ["Hi Al.", "Is Monday fine?"]


async def test_a_call_may_be_ordered_with_a_greeting_of_its_own(town: Town) -> None:
    given: JsonObject = {
        "customer_name": "Ada",
        "greeting_override": "Good day {{customer_name}}. Is Monday fine?",
    }
    other = replace(town.run, id=make_run().id, initial_context=given)
    town.store.runs.create(other)
    assert await call(replace(town, run=other)) == ["Good day Ada.", "Is Monday fine?"]
