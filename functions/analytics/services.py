"""What the analytics function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.analytics.ports import StoredCounters
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsServices(HttpServices):
    """Enough for its routes."""

    counters: StoredCounters


def make_services(ports: Ports) -> AnalyticsServices:
    """Compose them."""
    return AnalyticsServices(**http_parts(ports), counters=ports.store.counters)
