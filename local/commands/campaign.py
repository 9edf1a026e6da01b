"""`offhook campaign`: have an agent call the people of a file, and look after that."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from local.client import campaigns
from local.client.rest import InstallClient
from local.client.target import AsJson, BaseUrl, Target, find_target
from local.client.terminal import StatusLine, say, say_json, tell
from local.commands.campaign_lines import Marks, bar_line, outcome_lines
from local.commands.table import page_table
from offhook.campaigns.model import CampaignStatus, RetryOutcome
from offhook.errors import NotConfiguredError, OffhookError
from offhook.json_types import JsonObject

app = typer.Typer(
    help="Have an agent call many people, and look after that.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

# The simulated people pick up a minute later, or not: who tries them need not wait for the afternoon.
_RETRIES = ("busy=2:15", "no_answer=2:120")
_RETRIES_OF_SIMULATED_PEOPLE = ("busy=1:1", "no_answer=1:1")
_INTERRUPTED = 130

Campaign = Annotated[str, typer.Argument(help="The campaign's id, as `campaign list` shows it.")]
AnyCampaign = Annotated[
    str | None, typer.Argument(help="The campaign's id; without it, the one that was made last.")
]


@app.command()
def run(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="A CSV file with a column phone_number."
        ),
    ],
    *,
    agent: Annotated[
        str | None, typer.Option(help="UUID of the agent that calls; else the demo agent.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The campaign's name; else that of the file.")] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Calls at the same time, at most.")] = 5,
    per_minute: Annotated[int, typer.Option(min=1, help="Calls begun in a minute, at most.")] = 30,
    retry: Annotated[
        list[str] | None,
        typer.Option(
            help="OUTCOME=TIMES:MINUTES: how often somebody is called again, and how long after; for busy, no_answer, "
            f"voicemail, failed; may be repeated. Without it: {' '.join(_RETRIES)}."
        ),
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="Where numbers are that are written without one, such as US.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start it, and show nothing of it.")] = False,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Call the people of a CSV file, and show how far that is. Ctrl-C ends the showing, and the campaign goes on."""
    if not file.stat().st_size:
        raise OffhookError(f"{file}: nobody was called. The file is empty.")
    target = find_target(base_url)
    rules = read_rules(retry or (_RETRIES_OF_SIMULATED_PEOPLE if target.carrier_url else _RETRIES))
    agent_uuid = agent or target.agent_uuid
    if agent_uuid is None:
        raise NotConfiguredError(f"Say which agent of {target.base_url} calls: --agent UUID.")
    body: JsonObject = {
        "name": name or file.name[:100],
        "agent_uuid": agent_uuid,
        "max_concurrent_calls": at_once,
        "calls_per_minute": per_minute,
        "retries": rules,
        # Nobody sleeps at the simulated carrier.
        "respects_calling_hours": not target.carrier_url,
    }
    if country is not None:
        body["default_country"] = country
    with InstallClient(target) as client:
        campaign_id = _fill(client, client.post("/campaigns", body), file, target, is_quiet=as_json)
        started = client.post(f"/campaigns/{campaign_id}/start", {})
        if detach:
            tell(started, f"{campaign_id} is running: offhook campaign show {campaign_id}", as_json=as_json)
        else:
            _watch(client, campaign_id, as_json=as_json)


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    status: Annotated[CampaignStatus | None, typer.Option(help="Only campaigns with this status.")] = None,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the campaigns, newest first."""
    params: dict[str, str | int] = {"limit": limit}
    if status is not None:
        params["status"] = status
    with InstallClient(find_target(base_url)) as client:
        page = client.get("/campaigns", params)
    columns = ("id", "name", "status", "paused_reason", "created_at", "started_at", "ended_at")
    tell(page, *(page_table(page, columns) or ["No such campaigns."]), as_json=as_json)


@app.command()
def show(
    campaign: AnyCampaign = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Show it until it is over.")] = False,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show how far a campaign is, and how its calls have ended."""
    with InstallClient(find_target(base_url)) as client:
        campaign_id = campaign or campaigns.newest(client)
        if follow:
            _watch(client, campaign_id, as_json=as_json)
            return
        document = campaigns.progress_of(client, campaign_id)
    if as_json:
        say_json(document)
        return
    progress, marks = campaigns.Progress.read(document), _marks()
    say(f"{campaign_id}  {progress.status}", bar_line(progress, marks), "", *outcome_lines(progress, marks))


@app.command()
def pause(campaign: Campaign, *, base_url: BaseUrl = None, as_json: AsJson = False) -> None:
    """Begin no more calls; those that go on are not cut off."""
    _steer(
        campaign, "pause", f"paused: offhook campaign resume {campaign} goes on.", base_url, as_json=as_json
    )


@app.command()
def resume(campaign: Campaign, *, base_url: BaseUrl = None, as_json: AsJson = False) -> None:
    """Go on with a campaign that was paused, or start one that was not."""
    with InstallClient(find_target(base_url)) as client:
        is_new = client.get(f"/campaigns/{campaign}")["status"] == CampaignStatus.DRAFT
    told = f"running: offhook campaign show {campaign} --follow"
    _steer(campaign, "start" if is_new else "resume", told, base_url, as_json=as_json)


@app.command()
def cancel(campaign: Campaign, *, base_url: BaseUrl = None, as_json: AsJson = False) -> None:
    """Call nobody more, for good; calls that go on are not cut off."""
    _steer(campaign, "cancel", "canceled, for good.", base_url, as_json=as_json)


@app.command()
def export(
    campaign: AnyCampaign = None,
    *,
    to: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file to write; else the campaign's id and .csv.")
    ] = None,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write all contacts, and what has become of each, into a CSV file."""
    with InstallClient(find_target(base_url)) as client:
        campaign_id = campaign or campaigns.newest(client)
        path = to or Path(f"{campaign_id}.csv")
        if path.exists():
            raise OffhookError(f"There is a file {path} already: name another one with --to.")
        made = campaigns.export(client, campaign_id, path)
    tell(made | {"file": str(path)}, f"{made['rows']} contacts are in {path}.", as_json=as_json)


def _fill(client: InstallClient, campaign: JsonObject, file: Path, target: Target, *, is_quiet: bool) -> str:
    """Bring a file's contacts into a new campaign, and return its id; raise OffhookError where nobody is in it."""
    note: Callable[..., None] = (lambda *_: None) if is_quiet else say
    campaign_id = str(campaign["id"])
    import_ = campaigns.bring_in(client, campaign_id, file)
    if import_["failure"] or not import_["contacts"]:
        told = [
            import_["failure"] or "There is nobody to call.",
            *campaigns.faults_of(client, campaign_id, import_),
        ]
        raise OffhookError(f"{file}: nobody was called. {' '.join(map(str, told))}")
    note(f"Campaign {campaign_id}: {import_['contacts']} contacts of {file}.")
    if import_["faults"]:
        count = "1 row is" if import_["faults"] == 1 else f"{import_['faults']} rows are"
        note(f"{count} left out:", *campaigns.faults_of(client, campaign_id, import_))
    if target.carrier_url:
        note(
            "The carrier is the simulated one, so calling hours are not kept, and nobody waits longer than a minute."
        )
    return campaign_id


def _watch(client: InstallClient, campaign_id: str, *, as_json: bool) -> None:
    """Show a campaign until it does nothing more by itself, and then how its calls have ended."""
    line, marks = StatusLine(sys.stdout), _marks()
    began, progress = datetime.now().astimezone(), None
    try:
        for progress in campaigns.follow(client, campaign_id):
            if not as_json:
                line.show(bar_line(progress, marks))
    except KeyboardInterrupt:
        line.end()
        say(*_ways_on(campaign_id), to=sys.stderr)
        raise typer.Exit(_INTERRUPTED) from None
    line.end()
    if as_json:
        say_json(campaigns.progress_of(client, campaign_id))
    elif progress is not None:
        took = datetime.now().astimezone() - began
        lines = outcome_lines(progress, marks)
        say("", *lines[:-1], f"{lines[-1]}, {progress.status} after {int(took.total_seconds())} s")
        say(f"All of it as a file: offhook campaign export {campaign_id}")


def _ways_on(campaign_id: str) -> list[str]:
    return [
        "The campaign goes on. From here:",
        f"  offhook campaign show {campaign_id} --follow",
        f"  offhook campaign pause {campaign_id}",
        f"  offhook campaign cancel {campaign_id}",
    ]


def _steer(campaign: str, verb: str, told: str, base_url: str | None, *, as_json: bool) -> None:
    with InstallClient(find_target(base_url)) as client:
        reply = client.post(f"/campaigns/{campaign}/{verb}", {})
    tell(reply, f"{campaign} is {told}", as_json=as_json)


def _marks() -> Marks:
    return Marks.for_encoding(sys.stdout.encoding)


def read_rules(texts: list[str] | tuple[str, ...]) -> JsonObject:
    """Read OUTCOME=TIMES:MINUTES, such as busy=2:15."""
    rules: JsonObject = {}
    for text in texts:
        outcome, _, rule = text.partition("=")
        times, _, minutes = rule.partition(":")
        if outcome not in {*RetryOutcome} or not (times.isdecimal() and minutes.isdecimal()):
            outcomes = ", ".join(RetryOutcome)
            raise typer.BadParameter(f"--retry takes OUTCOME=TIMES:MINUTES, such as busy=2:15, of {outcomes}")
        rules[outcome] = {"times": int(times), "after_minutes": int(minutes)}
    return rules
