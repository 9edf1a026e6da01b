"""The courier of a process that may never post: its client is made, and the client's libraries loaded, when it does."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from offhook.addresses import AddressPolicy
from offhook.runs.ports import MAX_REPLY_BYTES, REQUEST_LIMIT_S, Reply

if TYPE_CHECKING:
    from offhook.adapters.http.guarded_client import GuardedClient


class LateCourier:
    """Implements Courier; safe to share between threads."""

    def __init__(self, addresses: AddressPolicy) -> None:
        self._addresses = addresses

    def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Reply:
        return self._client.send(url, body, headers, method=method)

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
        return self._client.request(
            method, url, headers=headers, body=body, timeout=timeout, most_bytes=most_bytes
        )

    @cached_property
    def _client(self) -> "GuardedClient":
        from offhook.adapters.http.guarded_client import GuardedClient

        return GuardedClient(self._addresses)
