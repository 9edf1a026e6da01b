"""The demo call: placed through the front door like anybody's, shown as it happens, and what to try after it."""

import asyncio
import urllib.request
from pathlib import Path
from typing import cast

from local import demo_agent
from local.commands.client import InstallClient
from local.commands.tail import follow
from local.commands.target import Target
from local.install import Install
from offhook.errors import OffhookError
from offhook.json_types import JsonObject

# Of the simulated carrier's people, the one who wants another day (`local.caller_scripts`).
_NUMBER = "+15555550101"
_RECORDINGS = Path(".offhook/recordings")


async def run_demo(install: Install) -> None:
    """Place the demo call and print it live; a demo that fails says why and leaves the install serving."""
    try:
        await asyncio.to_thread(_run, install)
    except (OffhookError, OSError) as error:
        print(f"The demo call did not work: {error}")


def _run(install: Install) -> None:
    target = Target(
        base_url=install.base_url,
        api_key=install.seed.api_key,
        agent_uuid=install.seed.agent_uuid,
        trigger_path=install.seed.trigger_path,
    )
    path = f"/public/agent/{install.seed.trigger_path}"
    body: JsonObject = {"phone_number": _NUMBER, "initial_context": dict(demo_agent.DEMO_CONTEXT)}
    print(f"\nDemo call: POST {install.base_url}/api/v1{path}\n", flush=True)
    with InstallClient(target) as client:
        run_id = str(client.post(path, body)["workflow_run_id"])
        follow(client, run_id, as_json=False)
        run = client.get(f"/runs/{run_id}")
    recording = run.get("recording_url")
    if isinstance(recording, str):
        print(f"listen     {_keep(recording, run_id)}")
    _suggest(run_id)


def _keep(url: str, run_id: str) -> Path:
    """Save the recording where a person finds it, and return where that is."""
    _RECORDINGS.mkdir(parents=True, exist_ok=True)
    path = _RECORDINGS / f"{run_id}.wav"
    # The link is one that our own install has just signed.
    with urllib.request.urlopen(url) as reply:  # noqa: S310
        path.write_bytes(cast(bytes, reply.read()))
    return path


def _suggest(run_id: str) -> None:
    print("\nTry next, in another terminal:")
    for command in (
        ".venv/bin/offhook call +15555550100 --context customer_name=Grace --follow",
        ".venv/bin/offhook call +15555550103 --follow   # talks over the agent",
        f".venv/bin/offhook tail {run_id}",
    ):
        print(f"  {command}")
    print(flush=True)
