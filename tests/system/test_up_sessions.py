"""A session of a whole install, through its front door: begun, talked in, spoken into, watched, ended and told."""

import asyncio
from urllib.parse import urlsplit

import pytest

from offhook.sessions.model import run_id_of
from tests.support.makers import make_run
from tests.support.session_sockets import watch
from tests.support.whole_install import Document, WholeInstall

pytestmark = pytest.mark.timeout(120)

API = "/api/v1/streaming-sessions"


def ask(install: WholeInstall, method: str, path: str, body: Document | None = None) -> Document:
    reply = install.http.request(method, path, json=body)
    assert reply.is_success, reply.text
    document: Document = reply.json() if reply.content else {}
    return document


def settled(install: WholeInstall, run_id: int) -> Document:
    """Wait for the events of a run until it is over; return the session as it is then."""
    after, status = 0, "in_progress"
    while status == "in_progress":
        page = ask(install, "GET", f"/api/v1/runs/{run_id}/events?after={after}&wait=20")
        after, status = page["next_after"], page["status"]
    return ask(install, "GET", f"{API}/sess_{run_id}")


async def test_a_session_is_begun_talked_in_spoken_into_and_ended(shared_install: WholeInstall) -> None:
    install, said = shared_install, "Ask for the account number, please."
    begun = ask(install, "POST", API, {"workflowId": install.first_line["agent_uuid"]})
    run = make_run(id=run_id_of(begun["session_id"]))
    path = f"{API}/{run.session_id}"
    assert begun["ws_url"].startswith(install.base_url.replace("http", "ws", 1))
    port = urlsplit(begun["ws_url"]).port or 0
    async with watch(port, run, ws_token=begun["ws_token"]) as caller:
        await caller.send("start")
        await caller.wait_until(lambda: bool(caller.binary))
        assert run.session_id in str(ask(install, "GET", f"{API}?status=active"))
        # The agent's line comes once what it says now was played, which only its caller can tell.
        await caller.wait_until(lambda: bool(caller.of("mark")))
        for mark in caller.of("mark"):
            await caller.send("played", mark)
        inject = {"text": said, "role": "assistant"}
        injected = await asyncio.to_thread(ask, install, "POST", f"{path}/inject", inject)
        assert injected["injected"] is True
        await caller.wait_until(lambda: any(injected["inject_id"] in text for text in caller.logged))
        await asyncio.to_thread(ask, install, "DELETE", path)
        assert await caller.wait_closed() == 1000
    over = await asyncio.to_thread(settled, install, run.id)
    assert (over["status"], over["end_reason"], over["ws_token"]) == ("completed", "hangup_requested", None)
    transcript = ask(install, "GET", f"{path}/transcript")
    assert transcript["count"] == len(transcript["items"]) > 0
    assert {line["role"] for line in transcript["items"]} == {"assistant"}
    assert ask(install, "DELETE", path) == {}
    assert run.session_id not in str(ask(install, "GET", f"{API}?status=active"))
