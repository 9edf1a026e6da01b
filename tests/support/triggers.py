"""Triggering calls over HTTP, and looking at what has come of it."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx

from offhook.agents.executable import find_by_uuid
from offhook.clock import system_clock
from offhook.ids import new_run_id
from offhook.runs.model import Run, TriggerMode
from offhook.runs.placing.orders import CallOrder, RunNumber
from offhook.runs.placing.placer import CallPlacer
from offhook.runs.ports import RunFilter
from tests.support.rest import Install, Tenant

CALLEE = "+14155550123"
BODY: dict[str, Any] = {"phone_number": CALLEE, "initial_context": {"customer_name": "Jane"}}


def post_trigger(
    install: Install, tenant: Tenant, body: Any = BODY, *, path: str | None = None, **headers: str
) -> httpx.Response:
    """Post a trigger; the names of headers have underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return install.http.post(
        f"/api/v1/public/agent/{path or tenant.trigger_path}", json=body, headers={**tenant.headers, **named}
    )


def trigger(
    install: Install, tenant: Tenant, body: Any = BODY, *, path: str | None = None
) -> tuple[int, dict[str, Any]]:
    reply = post_trigger(install, tenant, body, path=path)
    return reply.status_code, reply.json()


def storm(install: Install, tenant: Tenant, bodies: Iterable[Any], **headers: str) -> list[httpx.Response]:
    """Post all these at the same time."""
    wanted: Sequence[Any] = list(bodies)
    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        return list(pool.map(lambda body: post_trigger(install, tenant, body, **headers), wanted))


def place(
    install: Install,
    tenant: Tenant,
    placer: CallPlacer,
    *,
    number: RunNumber | None = None,
    now: datetime | None = None,
) -> Run:
    """Place a call past HTTP."""
    (key,) = install.store.organizations.list_keys(tenant.organization_id)
    order = CallOrder(
        key=key,
        mode=TriggerMode.PRODUCTION,
        agent_identifier=tenant.agent_uuid,
        called_number=CALLEE,
        callback_url="https://hooks.example.com/resume",
    )
    executable = find_by_uuid(
        install.store.agents, tenant.organization_id, tenant.agent_uuid, wants_draft=False
    )
    fresh = RunNumber(run_id=new_run_id(system_clock()), another=lambda: new_run_id(system_clock()))
    return placer.place_call(order, executable, number or fresh, now or system_clock())


def runs_of(install: Install, tenant: Tenant) -> list[Run]:
    page = install.store.runs.list(tenant.organization_id, RunFilter(), limit=200, before_id=None)
    return [install.store.runs.get(tenant.organization_id, run.id) for run in page.runs]


def assert_nothing_happened(install: Install, tenant: Tenant) -> None:
    ledger = install.store.ledgers.get(tenant.organization_id)
    assert (ledger.queued, ledger.live, ledger.owed) == (frozenset(), frozenset(), frozenset())
    assert runs_of(install, tenant) == []
    assert install.carrier.asked == []
