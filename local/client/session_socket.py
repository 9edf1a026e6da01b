"""The session socket for commands: the events of a run as they happen."""

import json
from collections.abc import Iterable, Iterator
from typing import cast

from websockets.exceptions import ConnectionClosedError, InvalidHandshake
from websockets.sync.client import connect

from local.client.rest import InstallClient
from offhook.errors import OffhookError
from offhook.json_types import JsonObject

_OPEN_SECONDS = 10


class SocketLostError(OffhookError):
    """The socket could not be opened, or broke off; another one may go on after the last event."""

    code = "socket-lost"


def events_after(client: InstallClient, run_id: str, after: int) -> Iterator[JsonObject]:
    """Yield the events of a live run that follow a seq, as the REST API shows them, until the run is over.

    Raises SocketLostError, and what the install refuses a token with.
    """
    session = f"/streaming-sessions/sess_{run_id}"
    token = str(client.post(f"{session}/token", {})["ws_token"])
    url = client.socket_url(f"/streaming/sessions/sess_{run_id}/ws?resume_from={after}")
    try:
        with connect(
            url,
            additional_headers={"Authorization": f"Bearer {token}"},
            open_timeout=_OPEN_SECONDS,
            proxy=True if client.uses_proxy else None,
            max_size=None,
        ) as socket:
            yield from _events(socket)
    except (ConnectionClosedError, InvalidHandshake, OSError) as error:
        # No word of the error's: it may hold the address.
        raise SocketLostError("The session's socket broke off.") from error


def _events(messages: Iterable[str | bytes]) -> Iterator[JsonObject]:
    for message in messages:
        frame = cast("JsonObject", json.loads(message)) if isinstance(message, str) else {}
        if "seq" in frame:
            seq = int(cast("str", frame["seq"]))
            yield {"seq": seq, "at": frame["ts"], "type": frame["type"], "data": frame["data"]}
