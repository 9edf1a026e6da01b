"""What the API key function is made of."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeysServices(HttpServices):
    """Enough to manage an organization's keys."""

    cursors: Cursors


def make_services(ports: Ports) -> ApiKeysServices:
    """Compose them."""
    store = ports.store
    return ApiKeysServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=ports.clock,
        cursors=Cursors(ports.settings.install_secret),
    )
