"""`offhook call`: have an agent call a number."""

import json
import sys
from typing import Annotated

import typer

from local.client import InstallClient
from local.commands.tail import show
from local.target import AsJson, BaseUrl, Target, find_target
from offhook.errors import NotConfiguredError
from offhook.json_types import JsonObject


def call(
    number: Annotated[str, typer.Argument(help="Whom to call: +15551234567 or a sip: URI.")],
    *,
    agent: Annotated[str | None, typer.Option(help="UUID of the agent that calls.")] = None,
    trigger: Annotated[str | None, typer.Option(help="Trigger path, in place of --agent.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Use the agent's newest draft.")] = False,
    context: Annotated[
        list[str] | None, typer.Option(help="name=value for the workflow; may be repeated.")
    ] = None,
    follow_run: Annotated[bool, typer.Option("--follow", help="Then show the call as `tail` does.")] = False,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Call a number, as the local demo agent where no other is named."""
    if agent and trigger:
        raise typer.BadParameter("give --agent or --trigger, not both")
    body: JsonObject = {"phone_number": number, "initial_context": _pairs(context or [])}
    target = find_target(base_url)
    path = _path(target, agent=agent, trigger=trigger, test=test)
    with InstallClient(target) as client:
        reply = client.post(path, body)
        run_id = str(reply["workflow_run_id"])
        if as_json:
            print(json.dumps(reply), flush=True)
        else:
            print(f"Calling as run {run_id} ({reply['workflow_run_name']}).", flush=True)
        if follow_run:
            show(client, run_id, as_json=as_json)
        elif not as_json:
            print(f"Watch it with: {sys.argv[0]} tail {run_id}")


def _path(target: Target, *, agent: str | None, trigger: str | None, test: bool) -> str:
    prefix = "/public/agent/test" if test else "/public/agent"
    if agent:
        return f"{prefix}/workflow/{agent}"
    if trigger or target.trigger_path:
        return f"{prefix}/{trigger or target.trigger_path}"
    raise NotConfiguredError(f"Say which agent of {target.base_url} calls: --agent UUID or --trigger PATH.")


def _pairs(texts: list[str]) -> JsonObject:
    """Read name=value pairs; the values stay text, as a caller's number or postcode must."""
    pairs: JsonObject = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter("--context takes name=value, such as customer_name=Ann")
        pairs[name] = value
    return pairs
