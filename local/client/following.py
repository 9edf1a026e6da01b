"""Following a run: prints its events as they come, over the session socket while it lives."""

import time
from collections.abc import Iterator
from typing import cast

from local.client.live import event_line, parse_event
from local.client.rest import InstallClient
from local.client.session_socket import SocketLostError, events_after
from local.client.terminal import say, say_json
from offhook.errors import OffhookError
from offhook.json_types import JsonObject
from offhook.runs.model import RunStatus

_PAUSE_SECONDS = 1.0


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
        if items:
            continue
        if RunStatus(str(page["status"])).is_final:
            return
        for event in _live_events(client, run_id, after):
            after = cast("int", event["seq"])
            yield event


def _live_events(client: InstallClient, run_id: str, after: int) -> Iterator[JsonObject]:
    """Yield what happens until the run is over, or the socket breaks off; whoever asks again finds out which."""
    try:
        yield from events_after(client, run_id, after)
    except SocketLostError:
        time.sleep(_PAUSE_SECONDS)
    except OffhookError as error:
        # Over since we have looked.
        if error.code != "session-state":
            raise
