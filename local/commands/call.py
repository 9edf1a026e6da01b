"""`offhook call`: have an agent call a number, or somebody call an agent."""

import sys
from typing import Annotated

import typer

from local.client.agent_stream import Form
from local.client.calling_in import call_in
from local.client.rest import InstallClient
from local.client.target import AsJson, BaseUrl, Target, find_target
from local.client.terminal import say, tell
from local.commands.table import table
from local.commands.tail import show
from local.people.magic_numbers import MAGIC_NUMBERS, number_of_fault
from offhook.errors import InvalidInputError, NotConfiguredError
from offhook.json_types import JsonObject


def _show_faults(is_wanted: bool) -> None:
    if is_wanted:
        rows = [(magic.number, magic.name, magic.what) for magic in MAGIC_NUMBERS]
        say(*table(("number", "--fault", "what happens"), rows))
        raise typer.Exit


def call(
    number: Annotated[
        str | None, typer.Argument(help="Whom to call, or with --form who calls: +15551234567 or a sip: URI.")
    ] = None,
    *,
    agent: Annotated[str | None, typer.Option(help="UUID of the agent that calls.")] = None,
    trigger: Annotated[str | None, typer.Option(help="Trigger path, in place of --agent.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Use the agent's newest draft.")] = False,
    context: Annotated[
        list[str] | None, typer.Option(help="name=value for the workflow; may be repeated.")
    ] = None,
    fault: Annotated[
        str | None,
        typer.Option(help="Of the simulated carrier: what shall happen, in place of NUMBER; see --faults."),
    ] = None,
    _faults: Annotated[
        bool,
        typer.Option("--faults", callback=_show_faults, is_eager=True, help="List the faults and exit."),
    ] = False,
    form: Annotated[
        Form | None,
        typer.Option(
            help="Let NUMBER call in at the simulated carrier, over an Agent Stream in this form, and follow the run."
        ),
    ] = None,
    follow_run: Annotated[bool, typer.Option("--follow", help="Then show the call as `tail` does.")] = False,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Call a number, as the local demo agent where no other is named; or with --form, have somebody call in."""
    if agent and trigger:
        raise typer.BadParameter("give --agent or --trigger, not both")
    chosen = _number(number, fault)
    if form:
        if trigger or test or context:
            raise typer.BadParameter("--trigger, --test and --context are not for --form")
        _call_in(form, chosen, agent=agent, base_url=base_url, as_json=as_json)
        return
    body: JsonObject = {"phone_number": chosen, "initial_context": _pairs(context or [])}
    target = find_target(base_url)
    path = _path(target, agent=agent, trigger=trigger, test=test)
    _call_out(target, path, body, follow_run=follow_run, as_json=as_json)


def _call_out(target: Target, path: str, body: JsonObject, *, follow_run: bool, as_json: bool) -> None:
    with InstallClient(target) as client:
        reply = client.post(path, body)
        run_id = str(reply["workflow_run_id"])
        tell(reply, f"Calling as run {run_id} ({reply['workflow_run_name']}).", as_json=as_json)
        if follow_run:
            show(client, run_id, as_json=as_json)
        elif not as_json:
            say(f"Watch it with: {sys.argv[0]} tail {run_id}")


def _call_in(form: Form, caller: str, *, agent: str | None, base_url: str | None, as_json: bool) -> None:
    target = find_target(base_url)
    with InstallClient(target) as client:
        run_id = call_in(client, target, form, caller=caller, agent_uuid=agent)
        told = f"Called in over an Agent Stream of form {form.value}, as run {run_id}."
        tell({"workflow_run_id": int(run_id), "form": form.value}, told, as_json=as_json)
        show(client, run_id, as_json=as_json)


def _number(number: str | None, fault: str | None) -> str:
    if number and fault:
        raise typer.BadParameter("give NUMBER or --fault, not both: each fault is a number")
    if number:
        return number
    if fault is None:
        raise typer.BadParameter("say whom to call: NUMBER, or --fault NAME")
    try:
        return number_of_fault(fault)
    except InvalidInputError as error:
        raise typer.BadParameter(error.detail) from None


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
