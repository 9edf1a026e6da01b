"""The one client for addresses that tenants supply: it goes where it may, takes little, and never waits long."""

import ssl
from collections.abc import Iterable, Mapping
from functools import cached_property

import httpcore
import httpx

from offhook.adapters.http.connections import (
    CONNECT_LIMIT_S,
    CheckedNetwork,
    Deadline,
    Resolver,
    resolve_by_system,
)
from offhook.addresses import AddressPolicy, unsafe
from offhook.headers import is_reserved
from offhook.runs.ports import MAX_REPLY_BYTES, REQUEST_LIMIT_S, DeliveryError, Reply

_USER_AGENT = "Offhook/1"


class GuardedClient:
    """Implements Courier; safe to share between threads.

    Every request has a connection of its own, proxies of the environment are not used, redirects are not followed.
    """

    def __init__(
        self,
        addresses: AddressPolicy,
        *,
        resolve: Resolver = resolve_by_system,
        request_limit_s: float = REQUEST_LIMIT_S,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = addresses
        self._resolve = resolve
        self._request_limit_s = request_limit_s
        if ssl_context is not None:
            self._ssl_context = ssl_context

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        # Reading all the authorities takes some 20 ms: once is enough, and not before the first request.
        return httpx.create_ssl_context(trust_env=False)

    def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Reply:
        sent = {"Content-Type": "application/json", **headers} if body else headers
        return self.request(method, url, headers=sent, body=body, most_bytes=0)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = REQUEST_LIMIT_S,
        most_bytes: int = MAX_REPLY_BYTES,
    ) -> Reply:
        """Headers that frame a message or name its host are ours; without `most_bytes` not a byte of the body is read."""
        self._policy.check_url(url)
        limit_s = min(timeout, self._request_limit_s)
        network = CheckedNetwork(self._policy, self._resolve, Deadline(limit_s))
        timeouts = {"connect": min(CONNECT_LIMIT_S, limit_s)}
        # Without causes: their texts may name the address.
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._ssl_context, network_backend=network) as pool,
                pool.stream(
                    method,
                    _core_url(url),
                    headers=_headers(url, headers),
                    content=body,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                return _read(response, most_bytes)
        except httpcore.TimeoutException:
            raise DeliveryError("The address did not answer in time.") from None
        except httpcore.NetworkError:
            raise DeliveryError("The address can't be reached, or broke the connection off.") from None
        except httpcore.LocalProtocolError:
            raise DeliveryError("A header of the request can't be sent.", retryable=False) from None
        except httpcore.ProtocolError:
            raise DeliveryError("The address did not answer in HTTP.") from None


def _core_url(url: str) -> httpcore.URL:
    """Return the address as httpcore takes it: encoded, the host in ASCII."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise unsafe() from None
    return httpcore.URL(
        scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path
    )


def _headers(url: str, given: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    ours = {"Host": httpx.URL(url).netloc.decode(), "Accept-Encoding": "identity", "Connection": "close"}
    theirs = {
        name: value for name, value in {"User-Agent": _USER_AGENT, **given}.items() if not is_reserved(name)
    }
    return [(name.encode(), value.encode()) for name, value in {**ours, **theirs}.items()]


def _read(response: httpcore.Response, most_bytes: int) -> Reply:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    body = _first_bytes(response.iter_stream(), headers, most_bytes) if most_bytes else b""
    return Reply(status=response.status, headers=headers, body=body)


def _first_bytes(chunks: Iterable[bytes], headers: Mapping[str, str], most_bytes: int) -> bytes:
    # We asked for plain bytes: unpacking what comes packed all the same is how a small reply fills the memory.
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise DeliveryError(
            "The address answered with a compressed body, which was not asked for.", retryable=False
        )
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) >= most_bytes:
            break
    return bytes(body[:most_bytes])
