"""The demo calls: placed through the front door like anybody's, shown as they happen, and what to try after them."""

import asyncio
import threading
from pathlib import Path

import httpx

from local.client.following import follow
from local.client.live import run_lines
from local.client.rest import InstallClient
from local.client.target import Target
from local.client.terminal import say
from local.install import demo_agent, thinking_agent
from local.install.install import Install
from offhook.errors import OffhookError
from offhook.json_types import JsonObject, JsonValue

# Of the simulated carrier's people, the one who wants another day (`local.people.magic_numbers`).
_NUMBER = "+15555550101"
_KEPT = Path(".offhook/runs")


async def run_demo(install: Install) -> None:
    """Place the demo calls and print them live; a demo that fails says why and leaves the install serving."""
    stopping = threading.Event()
    try:
        await asyncio.to_thread(_run, install, stopping)
    except asyncio.CancelledError:
        # The thread goes on: it shows how the call ends, and then leaves it at that.
        stopping.set()
        raise
    except (OffhookError, OSError, httpx.HTTPError) as error:
        say(f"The demo call did not work: {error}")


def _run(install: Install, stopping: threading.Event) -> None:
    target = Target(
        base_url=install.base_url,
        api_key=install.seed.api_key,
        agent_uuid=install.seed.agent_uuid,
        trigger_path=install.seed.trigger_path,
    )
    with InstallClient(target) as client:
        run_id = _call(client, install, install.seed.trigger_path, stopping, "Demo call")
        if install.thinks_at and not stopping.is_set():
            make_thinking_agent(client)
            what = f"Another one, whose agent thinks with the model at {install.thinks_at}"
            run_id = _call(client, install, thinking_agent.TRIGGER_PATH, stopping, what)
    if not stopping.is_set():
        _suggest(run_id)


def _call(client: InstallClient, install: Install, trigger: str, stopping: threading.Event, what: str) -> str:
    """Place a call and show it to its end; return its run's id."""
    path = f"/public/agent/{trigger}"
    body: JsonObject = {"phone_number": _NUMBER, "initial_context": dict(demo_agent.DEMO_CONTEXT)}
    say("", f"{what}: POST {install.base_url}/api/v1{path}", "")
    run_id = str(client.post(path, body)["workflow_run_id"])
    run = follow(client, run_id, as_json=False)
    if not stopping.is_set():
        say("", *run_lines(run))
        say(f"recording  {_keep(run['recording_url'], run_id, 'wav')} (the caller left, the agent right)")
        say(f"transcript {_keep(run['transcript_url'], run_id, 'json')}")
    return run_id


def make_thinking_agent(client: InstallClient) -> None:
    """Make and publish it as anybody would; an install that keeps its data may have it already."""
    agent: JsonObject = {
        "name": thinking_agent.NAME,
        "workflow_definition": thinking_agent.workflow(),
        "settings": thinking_agent.SETTINGS,
    }
    try:
        made = client.post("/agents", agent)
    except OffhookError as error:
        if error.code != "trigger-path-taken":
            raise
        return
    client.post(f"/agents/{made['uuid']}/publish", {})


def _keep(url: JsonValue, run_id: str, ending: str) -> Path:
    """Save what the link leads to where a person finds it, and return where that is."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    path = _KEPT / f"{run_id}.{ending}"
    reply = httpx.get(str(url), trust_env=False)
    if not reply.is_success:
        raise OffhookError("The recording or the transcript can't be fetched.")
    path.write_bytes(reply.content)
    return path


def _suggest(run_id: str) -> None:
    say(
        "",
        "Try next, in another terminal:",
        "  .venv/bin/offhook call +15555550100 --context customer_name=Grace --follow",
        "  .venv/bin/offhook call +15555550103 --follow   # talks over the agent",
        "  .venv/bin/offhook campaign run docs/campaign.csv   # calls thirty people",
        f"  .venv/bin/offhook tail {run_id}",
        "",
    )
