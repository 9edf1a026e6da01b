"""`offhook tail`: watch one run, live or afterwards."""

from typing import Annotated

import typer

from local.client.following import follow
from local.client.live import link_lines, run_lines
from local.client.rest import InstallClient
from local.client.target import AsJson, BaseUrl, find_target
from local.client.terminal import tell
from offhook.errors import NotFoundError

_MOST_RUNS = 200


def tail(
    run: Annotated[str, typer.Argument(help="The run's number, or its name if it is a late one.")],
    *,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Follow a run until it ends: who says what, node changes, the latency of each turn."""
    with InstallClient(find_target(base_url)) as client:
        show(client, _run_id(client, run), as_json=as_json)


def _run_id(client: InstallClient, run: str) -> str:
    """Return the number of a run that is called by its name; anything else is a number, or the install says that it is not."""
    if not run.upper().startswith("WR-"):
        return run
    for found in client.items("/runs", {"limit": _MOST_RUNS}):
        if str(found["name"]) == run.upper():
            return str(found["workflow_run_id"])
    raise NotFoundError(f"None of the {_MOST_RUNS} latest runs is called {run}; use its number.")


def show(client: InstallClient, run_id: str, *, as_json: bool) -> None:
    """Print the run's events as they come, one per line, and at its end the run itself, with its links."""
    run = follow(client, run_id, as_json=as_json)
    tell(run, "", *run_lines(run), *link_lines(run), as_json=as_json)
