"""Bodies that come slowly, and clients that leave before theirs has come."""

import asyncio
import logging

import pytest
from fastapi import APIRouter, Request
from starlette.types import Message, Scope

from functions.http.app import create_app
from functions.http.json_body import BoundedRequest

SCOPE: Scope = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/api/v1/thing",
    "raw_path": b"/api/v1/thing",
    "query_string": b"",
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"9")],
}


async def send_request(*messages: Message, scope: Scope = SCOPE) -> list[Message]:
    """Post to a route that reads its body; after the messages the client says nothing more. Return the reply."""
    router = APIRouter()

    @router.post("/thing")
    async def thing(request: Request) -> None:
        await BoundedRequest(request.scope, request.receive).body()

    coming, reply = asyncio.Queue[Message](), list[Message]()
    for message in messages:
        coming.put_nowait(message)

    async def send(message: Message) -> None:
        reply.append(message)

    await create_app([router])(dict(scope), coming.get, send)
    return reply


async def test_a_body_that_does_not_arrive_in_time_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedRequest, "body_limit_s", 0.02)
    async with asyncio.timeout(5):
        start, body, *_ = await send_request({"type": "http.request", "body": b"{", "more_body": True})
    headers = dict(start["headers"])
    assert (start["status"], headers[b"content-type"]) == (408, b"application/problem+json")
    assert headers[b"connection"] == b"close"
    assert b'"code":"request-timeout"' in body["body"]


async def test_a_length_that_is_no_number_is_no_failure_of_ours() -> None:
    scope = {**SCOPE, "headers": [(b"content-length", "\u00b2".encode("latin-1"))]}
    (start, _) = await send_request({"type": "http.request", "body": b"{}"}, scope=scope)
    assert start["status"] == 200


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_failure_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        part = {"type": "http.request", "body": b"{", "more_body": True}
        assert await send_request(part, {"type": "http.disconnect"}) == []
    assert [record for record in caplog.records if record.name == "offhook.http"] == []
