"""Runs that stand somewhere on their way, in the ledger and in the store."""

from typing import Any

from offhook.clock import system_clock
from offhook.ids import new_run_id
from offhook.organizations.limits import Limits
from offhook.runs.ledger import Admission
from offhook.runs.model import Run, RunStatus, RunTelephony
from tests.support.makers import make_run
from tests.support.rest import Install, Tenant


def add_run(install: Install, tenant: Tenant, status: RunStatus, **changes: Any) -> Run:
    """Make a run in its place in the ledger."""
    now = system_clock()
    stands: dict[str, Any] = {
        "id": new_run_id(now),
        "created_at": now,
        "agent_uuid": tenant.agent_uuid,
        "status": status,
        "telephony": RunTelephony(configuration_id=tenant.configuration_id, call_id="sess-0f3b"),
        "stream_number": 1,
    }
    run = make_run(tenant.organization_id, **stands | changes)
    admission = Admission(
        organization_id=run.organization_id, run_id=run.id, agent_uuid=run.agent_uuid, limits=Limits()
    )
    ledgers = install.store.ledgers
    (ledgers.enqueue if status is RunStatus.QUEUED else ledgers.admit)(admission, now)
    install.store.runs.create(run)
    return run


def stored(install: Install, run: Run) -> Run:
    return install.store.runs.get(run.organization_id, run.id)
