"""`offhook tail`: watch one run, live or afterwards."""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Annotated, cast

import typer

from local.commands.client import InstallClient
from local.commands.target import AsJson, BaseUrl, find_target
from local.live import event_line, link_lines, parse_event, run_lines, wants_colour
from offhook.json_types import JsonObject
from offhook.runs.model import RunStatus

_POLL_SECONDS = 0.3


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


def follow(client: InstallClient, run_id: str, *, as_json: bool) -> JsonObject:
    """Print the run's events as they come, one per line, and return the run once it is over."""
    colour = not as_json and wants_colour(sys.stdout, os.environ)
    for event in _events(client, run_id):
        line = json.dumps(event) if as_json else event_line(parse_event(event), colour=colour)
        if line is not None:
            print(line, flush=True)
    return client.get(f"/runs/{run_id}")


def _events(client: InstallClient, run_id: str) -> Iterator[JsonObject]:
    """Yield the events in order until the run is over and its log read to the end."""
    after = 0
    while True:
        page = client.get(f"/runs/{run_id}/events", {"after": after})
        items = cast("list[JsonObject]", page["items"])
        yield from items
        after = cast("int", page["next_after"])
        if not items:
            if RunStatus(str(page["status"])).is_final:
                return
            time.sleep(_POLL_SECONDS)
