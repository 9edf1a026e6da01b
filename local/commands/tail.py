"""`offhook tail`: watch one run, live or afterwards."""

import json
from typing import Annotated

import typer

from local.client import InstallClient
from local.following import follow
from local.live import link_lines, run_lines
from local.target import AsJson, BaseUrl, find_target


def tail(
    run: Annotated[str, typer.Argument(help="The run's number.")],
    *,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Follow a run until it ends: who says what, node changes, the latency of each turn."""
    with InstallClient(find_target(base_url)) as client:
        show(client, run, as_json=as_json)


def show(client: InstallClient, run_id: str, *, as_json: bool) -> None:
    """Print the run's events as they come, one per line, and at its end the run itself, with its links."""
    run = follow(client, run_id, as_json=as_json)
    lines = [json.dumps(run)] if as_json else ["", *run_lines(run), *link_lines(run)]
    print("\n".join(lines), flush=True)
