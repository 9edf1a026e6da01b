"""The Cloudonix REST API: dial, hang up, switch, and ask about calls and domains."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

import httpx

from offhook.adapters.cloudonix.cxml import write_cxml
from offhook.errors import CarrierError
from offhook.telephony.instructions import Instruction
from offhook.telephony.ports import CALL_GONE, CARRIER_UNANSWERED, CarrierAccount, DialRequest

CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 8.0

# One window of the pace: what whoever is told to wait without a time waits.
_DEFAULT_RETRY_AFTER_S = 10
_MAX_RETRY_AFTER_S = 3600
_UNREACHABLE = "carrier-unreachable"
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_SWITCHED = (HTTPStatus.OK, HTTPStatus.ACCEPTED)
_GONE_IS_DONE = (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)

# Nothing was sent in these cases; in every other failure of the transport the carrier may have read the request.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
    httpx.LocalProtocolError,
)

# Asking or hanging up twice does no more than once; a second dial would ring a second time.
_REPEATABLE = ("GET", "DELETE")
_PASSING = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_RETRY_PAUSE_S = 0.2
_DNID_TIMEOUT_S = 3.0


class CloudonixClient:
    """The Carrier port over one pooled HTTP client; safe to share between threads."""

    def __init__(self, base_url: str, *, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S, pool=CONNECT_TIMEOUT_S)
        self._short = httpx.Timeout(min(read_timeout_s, _DNID_TIMEOUT_S), connect=CONNECT_TIMEOUT_S)
        # An idle connection that the carrier closes just as we reuse it would look like an unanswered dial.
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=10, keepalive_expiry=3.0)
        self._client = httpx.Client(base_url=base_url, timeout=timeout, limits=limits, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def dial(self, account: CarrierAccount, request: DialRequest) -> str:
        path = f"/calls/{_segment(account.name)}/application"
        body: dict[str, str | int] = {
            "destination": request.called_number,
            "caller-id": request.caller_number,
            "cxml": write_cxml(request.instruction),
            "callback": request.status_url,
        }
        if request.timeout_seconds is not None:
            body["timeout"] = request.timeout_seconds
        response = self._send(account, "POST", path, body)
        if not response.is_success:
            raise _failure(response)
        return _call_id(response)

    def hang_up(self, account: CarrierAccount, call_id: str) -> None:
        response = self._send(account, "DELETE", _session_path(account, call_id))
        if response.status_code not in _GONE_IS_DONE:
            raise _failure(response)

    def is_live(self, account: CarrierAccount, call_id: str, *, is_proved: bool = True) -> bool:
        return _is_there(self._send(account, "GET", _session_path(account, call_id)))

    def switch(self, account: CarrierAccount, call_id: str, instruction: Instruction) -> None:
        path = f"/calls/{_segment(account.name)}/sessions/{_segment(call_id)}/application"
        response = self._send(account, "POST", path, {"cxml": write_cxml(instruction)})
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise CarrierError("The carrier has no such call any more.", code=CALL_GONE)
        if response.status_code not in _SWITCHED:
            raise _failure(response)

    def has_number(self, account: CarrierAccount, address: str) -> bool:
        """Look for a DNID, which is written as its owner wrote it: some leave the plus out; see the Carrier port."""
        spellings = dict.fromkeys((address, address.removeprefix("+")))
        return any(self._has_dnid(account, spelling) for spelling in spellings)

    def _has_dnid(self, account: CarrierAccount, number: str) -> bool:
        path = f"/customers/self/domains/{_segment(account.name)}/dnids/{_segment(number)}"
        # Somebody waits who can ask again: once, and not for long.
        return _is_there(self._send_once(account, "GET", path, None, timeout=self._short))

    def verify(self, account: CarrierAccount) -> None:
        """Ask for the domain, which only its own token may read; see the Carrier port."""
        path = f"/customers/self/domains/{_segment(account.name)}"
        if not _is_there(self._send(account, "GET", path)):
            raise CarrierError(
                "The carrier knows no such domain for this token: check the domain and the token "
                "of the telephony configuration."
            )

    def _send(
        self, account: CarrierAccount, method: str, path: str, body: Mapping[str, str | int] | None = None
    ) -> httpx.Response:
        """Ask, and where that does no harm once more when the carrier was not reached, or not awake."""
        if method not in _REPEATABLE:
            return self._send_once(account, method, path, body)
        try:
            response = self._send_once(account, method, path, body)
        except CarrierError as error:
            if error.code != _UNREACHABLE:
                raise
        else:
            if not _is_passing(response):
                return response
        time.sleep(_RETRY_PAUSE_S)
        return self._send_once(account, method, path, body)

    def _send_once(
        self,
        account: CarrierAccount,
        method: str,
        path: str,
        body: Mapping[str, str | int] | None,
        *,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        headers = {b"Authorization": b"Bearer " + account.secrets["bearer_token"].encode()}
        try:
            return self._client.request(
                method, path, json=body, headers=headers, timeout=timeout or self._client.timeout
            )
        except _NOT_SENT as error:
            raise CarrierError(
                "The carrier can't be reached, so nothing was sent to it: try again later.",
                code=_UNREACHABLE,
            ) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _unanswered() from error


def _is_there(response: httpx.Response) -> bool:
    """Say whether what was asked for is there; raise CarrierError where the reply tells neither."""
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
        raise _failure(response)
    return response.status_code == HTTPStatus.OK


def _is_passing(response: httpx.Response) -> bool:
    # Who says when to come back is not to be asked before.
    return response.status_code in _PASSING and "retry-after" not in response.headers


def _session_path(account: CarrierAccount, call_id: str) -> str:
    return f"/customers/self/domains/{_segment(account.name)}/sessions/{_segment(call_id)}"


def _segment(text: str) -> str:
    if not text.strip("."):
        # Dots can't be quoted, and alone they lead to another address: to one that is there.
        raise CarrierError("The carrier has nothing of this name.", code=CALL_GONE)
    return quote(text, safe="")


def _call_id(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        body = None
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        # It said yes without saying to what: the call may be ringing.
        raise _unanswered()
    return token


def _unanswered() -> CarrierError:
    return CarrierError(
        "The carrier got the request and did not answer it in time: it may have acted on it.",
        may_have_acted=True,
        code=CARRIER_UNANSWERED,
    )


def _failure(response: httpx.Response) -> CarrierError:
    """Name what a status means; the carrier's own words stay out of it, they may hold numbers and credentials."""
    status = response.status_code
    if status in _BUSY:
        return CarrierError(
            "The carrier takes no more requests at the moment: try again after the time in Retry-After.",
            retry_after_seconds=_retry_after_seconds(response),
            code="carrier-busy",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return CarrierError(
            f"The carrier failed with status {status}; it may have acted on the request all the same.",
            may_have_acted=True,
            code="carrier-failed",
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CarrierError(
            "The carrier does not accept the stored credentials: check the token and the domain "
            "of the telephony configuration."
        )
    return CarrierError(
        f"The carrier refused the request with status {status}: check the destination, the caller number "
        "and the domain of the telephony configuration."
    )


def _retry_after_seconds(response: httpx.Response) -> int:
    text = response.headers.get("retry-after", "").strip()
    if not (text.isascii() and text.isdigit()):
        return _DEFAULT_RETRY_AFTER_S
    return max(1, min(int(text[:9]), _MAX_RETRY_AFTER_S))
