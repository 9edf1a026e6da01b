"""How often a service may be asked by all processes of a deployment together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from offhook.errors import NotConfiguredError


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So many requests a second in the long run, and up to `at_once` after a pause: a bucket that fills again."""

    name: str
    per_second: int
    at_once: int


class Quotas(Protocol):
    """What the processes take of quotas. Synchronous; mostly one write."""

    def take(self, quota: Quota, count: int, now: datetime) -> int:
        """Take so many requests, `at_once` at most, and return 0; else take none, and return the ms until there are some."""


def polly_quotas(setting: str) -> dict[str, Quota]:
    """Read how often Polly's engines may be asked, from `neural=8,standard=80`; raise NotConfiguredError.

    An engine that the setting leaves out is not held back.
    """
    quotas = {}
    for entry in filter(None, (entry.strip() for entry in setting.split(","))):
        engine, _, per_second = entry.partition("=")
        if not per_second.isdecimal() or not 0 < int(per_second) <= _MOST_PER_SECOND:
            raise NotConfiguredError(
                f"OFFHOOK_POLLY_QUOTAS has {entry!r}: write an engine and its requests a second, such as neural=8."
            )
        quotas[engine] = Quota(name=f"polly#{engine}", per_second=int(per_second), at_once=int(per_second))
    return quotas


_MOST_PER_SECOND = 10_000
