"""`offhook runs`: the latest runs."""

from typing import Annotated, cast

import typer

from local.client.rest import InstallClient
from local.client.target import AsJson, BaseUrl, find_target
from local.client.terminal import tell
from local.commands.table import table
from offhook.json_types import JsonObject
from offhook.runs.model import RunStatus


def runs(
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    status: Annotated[RunStatus | None, typer.Option(help="Only runs with this status.")] = None,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the latest runs, newest first."""
    params: dict[str, str | int] = {"limit": limit}
    if status is not None:
        params["status"] = status
    with InstallClient(find_target(base_url)) as client:
        page = client.get("/runs", params)
    rows = [_row(run) for run in cast("list[JsonObject]", page["items"])]
    head = ("run", "created", "status", "disposition", "direction", "number")
    tell(page, *(table(head, rows) or ["No such runs."]), as_json=as_json)


def _row(run: JsonObject) -> tuple[object, ...]:
    telephony = cast("JsonObject", run.get("telephony") or {})
    inbound = run.get("direction") == "inbound"
    return (
        run.get("workflow_run_id"),
        run.get("created_at"),
        run.get("status"),
        run.get("disposition"),
        run.get("direction"),
        telephony.get("caller_number" if inbound else "called_number"),
    )
