"""Sessions as browsers reach them: their routes, their socket, and the page on which one talks."""

from collections.abc import Iterator

import httpx
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from local.doctor.edge import LIMIT_S, NO_STREAMER
from local.doctor.finding import Finding, ill, well
from local.processes.ports import is_here

ROUTE, SOCKET_PATH, PAGE = "/api/v1/streaming-sessions", "/api/v1/streaming/sessions/sess_0/ws", "/call"
_UNAUTHORIZED = 401


def look_at_sessions(base_url: str) -> Iterator[Finding]:
    """Ask for sessions, for the socket of one and for the page, all without a key: who answers shows who is there."""
    with httpx.Client(base_url=base_url, timeout=LIMIT_S, trust_env=not is_here(base_url)) as http:
        yield _route(_status_of(http, ROUTE))
        yield _socket(base_url)
        yield _page(_status_of(http, PAGE))


def _status_of(http: httpx.Client, path: str) -> int | None:
    try:
        return http.get(path).status_code
    except httpx.HTTPError:
        return None


def _route(status: int | None) -> Finding:
    if status == _UNAUTHORIZED:
        return well("sessions", "their routes answer")
    return ill(
        "sessions",
        f"{ROUTE} {_told(status)} instead of asking for a key: see whether the edge answers, then the log of the "
        "function sessions",
    )


def _socket(base_url: str) -> Finding:
    url = f"ws{base_url.removeprefix('http')}{SOCKET_PATH}"
    status = None
    try:
        with connect(url, open_timeout=LIMIT_S, compression=None, proxy=None if is_here(url) else True):
            return ill(
                "sessions", "a socket was opened without a token: something else than the streamer answers"
            )
    except InvalidStatus as error:
        status = error.response.status_code
    except (OSError, TimeoutError, WebSocketException):
        pass
    if status == _UNAUTHORIZED:
        return well("sessions", "their sockets reach the streamer")
    advice = (
        "the service's events and the tasks' log say why none starts (docs/operations.md, Alarms)"
        if status in NO_STREAMER
        else "look at the distribution's behaviours, then at the streamer's log"
    )
    return ill("sessions", f"their socket {_told(status)} instead of asking for a token: {advice}")


def _page(status: int | None) -> Finding:
    if status == httpx.codes.OK:
        return well("page", f"{PAGE} is there")
    return ill(
        "page",
        f"{PAGE} {_told(status)}: deploy again, and where it stays away look at the log of the function that lays pages out",
    )


def _told(status: int | None) -> str:
    return "does not answer" if status is None else f"answers {status}"
