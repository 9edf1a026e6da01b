"""What every authenticated HTTP function is made of; each function adds its own."""

from dataclasses import dataclass
from typing import TypedDict

from functions.http.pagination import Cursors
from offhook.clock import Clock
from offhook.organizations.idempotency import IdempotencyKeys
from offhook.organizations.ports import OrganizationRepository
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpServices:
    """Enough to know who asks, when, whether the same was asked before, and where a list goes on."""

    organizations: OrganizationRepository
    idempotency: IdempotencyKeys
    clock: Clock
    cursors: Cursors


class _Parts(TypedDict):
    organizations: OrganizationRepository
    idempotency: IdempotencyKeys
    clock: Clock
    cursors: Cursors


def http_parts(ports: Ports) -> _Parts:
    """Return the parts of HttpServices, for the services of a function to begin with."""
    return {
        "organizations": ports.store.organizations,
        "idempotency": ports.store.idempotency,
        "clock": ports.clock,
        "cursors": Cursors(ports.install_secret.current, ports.install_secret.others),
    }
