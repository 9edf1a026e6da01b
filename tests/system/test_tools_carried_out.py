"""Tools made over HTTP and carried out on real servers, well-meaning and hostile ones."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from threading import Barrier, Event
from typing import Any

import pytest

from offhook.addresses import AddressPolicy
from offhook.workflows import parse_workflow
from streamer.loop_time import now_s
from streamer.tools.ports import MOST_ANSWER_CHARACTERS
from streamer.tools.runner import MOST_AT_ONCE
from tests.support.peers import listening, replies
from tests.support.rest import Install, Tenant
from tests.support.tool_calls import SECRET, ToolCaller, run
from tests.support.tool_server import Asked, tool_server


@pytest.fixture
async def caller(install: Install, tenant: Tenant) -> AsyncIterator[ToolCaller]:
    made = ToolCaller(install, tenant)
    yield made
    made.catalogue.close()


def booked(_: Asked) -> tuple[int, Any]:
    return 201, {"id": 7, "day": "Tuesday"}


async def test_a_tool_is_offered_as_it_is_defined_and_answers_what_the_server_says(
    caller: ToolCaller,
) -> None:
    with tool_server(booked) as server:
        uuid = caller.add(
            method="POST",
            url=f"{server.url}/bookings/{{{{customer}}}}",
            parameters=[{"name": "day", "required": True}],
            preset_parameters=[{"name": "caller", "value_template": "{{caller_number}}"}],
            message="One moment.",
            timeout_ms=2500,
        )
        tools = await caller.tools(uuid)
        [tool] = tools.offered["start"]
        assert (tool.uuid, tool.name, tool.message, tool.timeout_seconds) == (uuid, "book", "One moment.", 3)
        assert tool.parameters["required"] == ["day"]
        assert not tool.is_idempotent
        outcome = await run(tools, {"day": "Tuesday", "caller": "+1999"})
    assert json.loads(outcome.text) == {"status": 201, "body": {"id": 7, "day": "Tuesday"}}
    assert (outcome.call_id, outcome.is_error) == ("1", False)
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/bookings/Ada")
    assert asked.document == {"day": "Tuesday", "caller": "+14155550100"}
    assert "idempotency-key" not in asked.headers


async def test_a_credential_is_presented_and_never_told(caller: ToolCaller) -> None:
    with tool_server(lambda asked: (200, {"you sent": dict(asked.headers)})) as server:
        for type_, field, header, value in (
            ("bearer_token", "token", "authorization", f"Bearer {SECRET}"),
            ("api_key", "api_key", "x-api-key", SECRET),
        ):
            credential = caller.add_credential(type_, **{field: SECRET})
            outcome = await caller.call(
                caller.add(name=type_, method="GET", url=server.url, credential_uuid=credential)
            )
            assert server.asked[-1].headers[header] == value
            assert SECRET not in outcome.text
            assert "[secret]" in outcome.text


async def test_nobody_gets_at_anothers_tool_or_secret(caller: ToolCaller, organization_id: str) -> None:
    stranger = caller.install.new_tenant(organization_id[::-1], has_line=False)
    theirs = ToolCaller(caller.install, stranger)
    with tool_server(booked) as server:
        uuid = theirs.add(
            method="GET", url=server.url, credential_uuid=theirs.add_credential("bearer_token", token=SECRET)
        )
        tools = await caller.tools(uuid)
        assert (dict(tools.offered), tools.missing) == ({"start": ()}, (uuid,))
        # Even in a row that somebody has forged: the credential is the other organization's, and sealed for that.
        forged = replace(
            caller.install.store.tools.get(stranger.organization_id, uuid),
            organization_id=caller.tenant.organization_id,
        )
        node: Any = {"name": "Start", "prompt": "Help.", "tool_uuids": [uuid]}
        workflow = parse_workflow({"nodes": [{"id": "start", "type": "startCall", "data": node}]})
        outcome = await run(await caller.catalogue.of(caller.tenant.organization_id, workflow, [forged]))
        assert outcome.is_error
        assert "credential" in outcome.text
        assert server.asked == []
    theirs.catalogue.close()


async def test_a_private_address_is_not_reached_whatever_its_name(caller: ToolCaller) -> None:
    with tool_server(booked) as server:
        uuid = caller.add(method="GET", url=server.url)
        # Since it was made, the operator has taken the network back.
        without = ToolCaller(caller.install, caller.tenant, AddressPolicy())
        outcome = await without.call(uuid)
        without.catalogue.close()
        assert outcome.is_error
        assert server.url not in outcome.text
        assert server.asked == []


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x" * 10_000)


def dripping(stop: Event) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        while not stop.wait(0.02):
            connection.sendall(b"x")

    return answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (endless, "64 KB"),
        (replies("HTTP/1.1 302 Found\nLocation: /again\nContent-Length: 0\n\n"), "redirect"),
        (replies("HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 3\n\nabc"), "compressed"),
        (replies("not HTTP\n\n"), "not answer in HTTP"),
        (lambda connection: connection.close(), "not answer in HTTP"),
    ],
    ids=["10 MB", "redirects", "compressed", "no HTTP", "closed"],
)
async def test_a_hostile_server_costs_little_and_is_told_in_one_sentence(
    caller: ToolCaller, answer: Callable[[socket.socket], None], said: str
) -> None:
    with listening(answer) as peer:
        uuid = caller.add(method="GET", url=peer.url, timeout_ms=2000)
        outcome = await caller.call(uuid)
    assert outcome.is_error
    assert said in outcome.text
    assert len(outcome.text) < 250
    assert peer.url not in outcome.text
    assert len(peer.requests) == 1


async def test_a_slow_drip_ends_with_the_tools_time(caller: ToolCaller) -> None:
    stop = Event()
    with listening(dripping(stop)) as peer:
        uuid = caller.add(method="POST", url=peer.url, timeout_ms=500)
        began_s = now_s()
        outcome = await caller.call(uuid)
        took_s = now_s() - began_s
        stop.set()
    assert took_s < 2
    assert "in time" in outcome.text


async def test_what_was_sent_and_not_answered_is_not_sent_again_and_said_to_be_unknown(
    caller: ToolCaller,
) -> None:
    with listening(lambda connection: connection.close()) as peer:
        outcome = await caller.call(caller.add(method="POST", url=peer.url))
    assert "not known whether this was done" in outcome.text
    assert len(peer.requests) == 1


async def test_an_idempotent_tool_carries_the_key_of_its_call(caller: ToolCaller) -> None:
    with tool_server(booked) as server:
        uuid = caller.add(method="POST", url=server.url, idempotent=True)
        tools = await caller.tools(uuid)
        assert tools.offered["start"][0].is_idempotent
        for key in ("7-call_1", "7-call_1", "8-\r\nX-Admin: 1"):
            await run(tools, key=key)
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert keys == ["7-call_1", "7-call_1", "8-%0D%0AX-Admin%3A%201"]


async def test_several_run_side_by_side_and_no_more_than_a_few(caller: ToolCaller) -> None:
    together = Barrier(MOST_AT_ONCE)

    def answer(_: Asked) -> tuple[int, Any]:
        together.wait(timeout=4)
        return 200, "done"

    with tool_server(answer) as server:
        tools = await caller.tools(caller.add(method="GET", url=server.url))
        outcomes = await asyncio.gather(*(run(tools, key=str(n)) for n in range(2 * MOST_AT_ONCE)))
    assert not any(outcome.is_error for outcome in outcomes)


async def test_a_large_answer_is_cut(caller: ToolCaller) -> None:
    with tool_server(lambda _: (200, "x" * 20_000)) as server:
        outcome = await caller.call(caller.add(method="GET", url=server.url))
    assert len(outcome.text) == MOST_ANSWER_CHARACTERS


async def test_a_request_that_can_not_be_made_is_told_and_not_sent(caller: ToolCaller) -> None:
    with tool_server(booked) as server:
        url = f"{server.url}/{{{{number}}}}"
        outcome = await caller.call(
            caller.add(method="GET", url=url, parameters=[{"name": "number"}]), {"number": ".."}
        )
    assert outcome.is_error
    assert "number" in outcome.text
    assert server.asked == []


async def test_the_calculator_works_things_out(caller: ToolCaller) -> None:
    tools = await caller.tools(caller.add(name="calculate", category="calculator"))
    assert (await run(tools, {"expression": "0.1 + 0.2"})).text == "0.3"
    for wrong in ({"expression": "1 / 0"}, {"expression": 3}, {}):
        outcome = await run(tools, wrong)
        assert outcome.is_error


async def test_what_the_call_carries_out_itself_is_offered_and_run_by_nobody_here(caller: ToolCaller) -> None:
    end = caller.add(name="bye", category="end_call", message="Bye.")
    transfer = caller.add(
        name="sales", category="transfer_call", destination="+14155550100", timeout_seconds=20
    )
    tools = await caller.tools(end, transfer, end)
    assert [
        (tool.name, str(tool.kind), tool.message, tool.destination) for tool in tools.offered["start"]
    ] == [
        ("bye", "end_call", "Bye.", ""),
        ("sales", "transfer", "", "+14155550100"),
    ]
    assert (await run(tools, name="sales")).is_error


async def test_an_archived_tool_is_not_offered(caller: ToolCaller) -> None:
    uuid = caller.add(method="GET", url="https://crm.example.com")
    caller.install.http.delete(f"/api/v1/tools/{uuid}", headers=caller.tenant.headers)
    tools = await caller.tools(uuid)
    assert (tools.offered["start"], tools.missing) == ((), (uuid,))


async def test_a_call_back_is_agreed_on_where_it_can_be(caller: ToolCaller) -> None:
    uuid = caller.add(name="call_later", category="schedule_callback", time_zone="Europe/Madrid")
    tools = await caller.tools(uuid)
    [tool] = tools.offered["start"]
    assert (tool.call_back_zone, tool.is_idempotent) == ("Europe/Madrid", True)
    assert sorted(tool.parameters["properties"]) == ["day", "in_minutes", "reason", "time"]  # type: ignore[type-var, arg-type]
    agreed = await run(tools, {"in_minutes": 60, "reason": "Busy."}, name="call_later")
    assert (agreed.is_error, "(Europe/Madrid)" in agreed.text) == (False, True)
    for wrong in (
        {},
        {"time": "soon"},
        {"day": "2020-01-01", "time": "9"},
        {"in_minutes": -1},
        {"in_minutes": 10**400},
    ):
        refused = await run(tools, wrong, name="call_later")
        assert refused.is_error


async def test_nobody_is_called_back_from_a_browser(caller: ToolCaller) -> None:
    uuid = caller.add(name="call_later", category="schedule_callback", time_zone="UTC")
    refused = await run(await caller.tools(uuid), {"in_minutes": 60}, name="call_later", called_number=None)
    assert (refused.is_error, "no number" in refused.text) == (True, True)
