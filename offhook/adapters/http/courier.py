"""The courier of a process that may never post: its client is made, and the client's libraries loaded, when it does."""

from collections.abc import Callable
from functools import cached_property

from offhook.addresses import AddressPolicy
from offhook.runs.ports import Courier, Reply


class LateCourier:
    """Implements Courier by the client, whose methods these are; safe to share between threads."""

    def __init__(self, addresses: AddressPolicy) -> None:
        self._addresses = addresses

    @property
    def send(self) -> Callable[..., Reply]:
        return self._client.send

    @property
    def request(self) -> Callable[..., Reply]:
        return self._client.request

    @cached_property
    def _client(self) -> Courier:
        from offhook.adapters.http.guarded_client import GuardedClient

        return GuardedClient(self._addresses)
