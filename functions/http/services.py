"""What every authenticated HTTP function is given; each function adds its own."""

from dataclasses import dataclass

from offhook.clock import Clock
from offhook.organizations.idempotency import IdempotencyKeys
from offhook.organizations.ports import OrganizationRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpServices:
    """Enough to know who asks, when, and whether the same was asked before."""

    organizations: OrganizationRepository
    idempotency: IdempotencyKeys
    clock: Clock
