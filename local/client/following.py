"""Following a run over the REST API: prints its events as they come."""

import time
from collections.abc import Iterator
from typing import cast

from local.client.live import event_line, parse_event
from local.client.rest import InstallClient
from local.client.terminal import say, say_json
from offhook.json_types import JsonObject
from offhook.runs.model import RunStatus

_POLL_SECONDS = 0.3


def follow(client: InstallClient, run_id: str, *, as_json: bool) -> JsonObject:
    """Print the run's events as they come, one per line, and return the run once it is over."""
    for event in _events(client, run_id):
        if as_json:
            say_json(event)
        elif line := event_line(parse_event(event).event):
            say(line)
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
