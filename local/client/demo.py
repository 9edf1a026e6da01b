"""The demo call: placed through the front door like anybody's, shown as it happens, and what to try after it."""

import asyncio
import threading
from pathlib import Path

import httpx

from local.client.following import follow
from local.client.live import run_lines
from local.client.rest import InstallClient
from local.client.target import Target
from local.client.terminal import say
from local.install import demo_agent
from local.install.install import Install
from offhook.errors import OffhookError
from offhook.json_types import JsonObject, JsonValue

# Of the simulated carrier's people, the one who wants another day (`local.people.magic_numbers`).
_NUMBER = "+15555550101"
_KEPT = Path(".offhook/runs")


async def run_demo(install: Install) -> None:
    """Place the demo call and print it live; a demo that fails says why and leaves the install serving."""
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
    path = f"/public/agent/{install.seed.trigger_path}"
    body: JsonObject = {"phone_number": _NUMBER, "initial_context": dict(demo_agent.DEMO_CONTEXT)}
    say("", f"Demo call: POST {install.base_url}/api/v1{path}", "")
    with InstallClient(target) as client:
        run_id = str(client.post(path, body)["workflow_run_id"])
        run = follow(client, run_id, as_json=False)
    if stopping.is_set():
        return
    say("", *run_lines(run))
    say(f"recording  {_keep(run['recording_url'], run_id, 'wav')} (the caller left, the agent right)")
    say(f"transcript {_keep(run['transcript_url'], run_id, 'json')}")
    _suggest(run_id)


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
        f"  .venv/bin/offhook tail {run_id}",
        "",
    )
