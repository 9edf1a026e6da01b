"""The install as its callers' carriers reach it: REST and sockets over the edge, and the carriers themselves."""

from collections.abc import Iterator

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from local.client.rest import InstallClient
from local.client.target import Target
from local.doctor.finding import Finding, ill, well
from local.processes.ports import is_here
from offhook.errors import OffhookError
from offhook.json_types import JsonObject

# There is no such run, and no such token: the streamer refuses it, and so shows that it is there.
SOCKET_PATH = "/api/v1/telephony/ws/0/doctor"
LIMIT_S = 10.0
_REFUSED_BY_STREAMER = (1008, 1013, 4408)
NO_STREAMER = (502, 503, 504)


def look_at_health(base_url: str) -> Iterator[Finding]:
    """Ask the front door, over whatever stands before it."""
    if not base_url.startswith("https://") and not is_here(base_url):
        yield ill("edge", f"{base_url} is not https, which carriers want: look at the stack's BaseUrl")
    try:
        with InstallClient(Target(base_url=base_url, api_key=None), with_key=False) as client:
            client.check_health()
    except OffhookError:
        yield ill(
            "edge",
            f"{base_url} does not answer: a new distribution takes ten minutes; after that look at the HTTP API's log and at "
            "the DNS name",
        )
    else:
        yield well("edge", f"{base_url} answers")


def look_at_sockets(base_url: str) -> Iterator[Finding]:
    """Open a media socket that must be refused, by the streamer and by nobody before it."""
    url = f"ws{base_url.removeprefix('http')}{SOCKET_PATH}"
    try:
        with connect(
            url,
            open_timeout=LIMIT_S,
            close_timeout=LIMIT_S,
            compression=None,
            proxy=None if is_here(url) else True,
        ) as socket:
            yield _socket(_closing(socket))
    except InvalidStatus as error:
        yield ill("socket", _status(error.response.status_code))
    except (OSError, TimeoutError, WebSocketException):
        yield ill(
            "socket", "no media socket can be opened: see whether the edge answers, then the streamer's log"
        )


def _closing(socket: ClientConnection) -> int:
    try:
        socket.recv(LIMIT_S)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd is not None else 1006
    except TimeoutError:
        pass
    return 0


def _socket(code: int) -> Finding:
    if code in _REFUSED_BY_STREAMER:
        return well("socket", "media sockets reach the streamer")
    return ill(
        "socket", f"a media socket was not taken as the streamer does (close code {code}): look at its log"
    )


def _status(status: int) -> str:
    if status in NO_STREAMER:
        return (
            f"no streamer takes media sockets ({status}): the service's events and the tasks' log say why they don't start "
            "(docs/operations.md, Alarms)"
        )
    return f"media sockets are answered with {status}, and not by the streamer: look at the distribution's behaviours"


def look_at_carriers(target: Target) -> Iterator[Finding]:
    """Have each telephony configuration of the key's organization checked at its carrier."""
    if not target.api_key:
        yield well(
            "carrier", "not looked at: set OFFHOOK_API_KEY, and each configuration is checked at its carrier"
        )
        return
    try:
        with InstallClient(target) as client:
            configurations = client.items("/telephony-configurations", {"limit": 100})
            if not configurations:
                yield ill("carrier", "there is no telephony configuration: make one (docs/cloudonix.md)")
            for configuration in configurations:
                yield _carrier(client, configuration)
    except OffhookError as error:
        yield ill("carrier", error.detail)


def _carrier(client: InstallClient, configuration: JsonObject) -> Finding:
    name = str(configuration["name"])
    try:
        client.post(f"/telephony-configurations/{configuration['id']}/verify", {})
    except OffhookError as error:
        return ill("carrier", f"{name}: {error.detail}")
    return well("carrier", f"{name} is accepted by its carrier")
