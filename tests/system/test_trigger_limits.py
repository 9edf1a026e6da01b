"""What an organization may use holds for triggers: a refusal dials nobody and leaves nothing behind."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from offhook.clock import system_clock
from offhook.organizations.limits import Limits
from offhook.organizations.model import Scope
from offhook.runs.ledger import Admission
from offhook.runs.model import RunStatus
from tests.support.carrier import Answer
from tests.support.makers import make_entry, make_run
from tests.support.rest import Install, Tenant
from tests.support.triggers import (
    BODY,
    CALLEE,
    assert_nothing_happened,
    post_trigger,
    runs_of,
    storm,
    trigger,
)


def limit(install: Install, tenant: Tenant, **limits: Any) -> None:
    install.store.organizations.set_limits(tenant.organization_id, Limits(**limits))


def use(install: Install, tenant: Tenant, now: datetime, *, seconds: int = 0, usd: float = 0.0) -> None:
    """Have the organization used so much already."""
    run = make_run(
        tenant.organization_id,
        status=RunStatus.COMPLETED,
        usage={"call_duration_seconds": seconds},
        cost={"total_usd": usd},
    )
    ledgers = install.store.ledgers
    ledgers.admit(
        Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=Limits(),
        ),
        now,
    )
    ledgers.release(run, now)


def code_of(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


def test_of_thirty_triggers_at_once_as_many_dial_as_may(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, max_concurrent_calls=10)
    replies = storm(install, tenant, [BODY] * 30)
    refused = [reply for reply in replies if reply.status_code != 200]
    assert len(refused) == 20
    for reply in refused:
        assert code_of(reply) == (429, "concurrency-limit")
        assert reply.headers["retry-after"] == "5"
        assert "workflow_run_id" not in reply.json()
    runs = {run.id for run in runs_of(install, tenant)}
    assert len(runs) == len(install.carrier.asked) == 10
    assert install.store.ledgers.get(tenant.organization_id).live == runs


def test_the_place_comes_back_when_the_run_ends(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, max_concurrent_calls=1)
    trigger(install, tenant)
    assert code_of(post_trigger(install, tenant)) == (429, "concurrency-limit")
    (run,) = runs_of(install, tenant)
    install.ports.ender.end(run, RunStatus.NO_ANSWER)
    status, _ = trigger(install, tenant)
    assert status == 200


@pytest.mark.parametrize("failure", [400, 429, 502])
def test_a_failed_dial_holds_no_place(install: Install, tenant: Tenant, failure: int) -> None:
    limit(install, tenant, max_concurrent_calls=1)
    install.carrier.answer = Answer(status=failure)
    for _ in range(2):
        reply = post_trigger(install, tenant)
        assert reply.json()["workflow_run_id"]
    assert install.store.ledgers.get(tenant.organization_id).live == frozenset()


def test_an_agents_own_limit_holds_for_that_agent(install: Install, tenant: Tenant) -> None:
    narrow = install.add_agent(
        tenant.organization_id, f"n-{tenant.trigger_path}", settings={"max_concurrent_calls": 1}
    )
    assert post_trigger(install, tenant, path=f"test/workflow/{narrow}").status_code == 200
    refused = post_trigger(install, tenant, path=f"test/workflow/{narrow}")
    assert code_of(refused) == (429, "concurrency-limit")
    assert post_trigger(install, tenant).status_code == 200


def test_a_key_may_order_so_many_calls_a_minute(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, calls_per_minute_per_key=2)
    # Five never fit: they fall into two minutes at most.
    replies = [post_trigger(install, tenant) for _ in range(5)]
    refused = [reply for reply in replies if reply.status_code != 200]
    assert 1 <= len(refused) <= 3
    assert code_of(refused[0]) == (429, "rate-limit")
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert len(runs_of(install, tenant)) == len(install.carrier.asked) == 5 - len(refused)
    other_key = replace(tenant, api_key=install.add_key(tenant, Scope.CALLS_WRITE)["X-API-Key"])
    assert post_trigger(install, other_key).status_code == 200


def test_what_may_be_spent_in_a_day_is_a_limit(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, spend_per_day_usd=Decimal("0.50"))
    use(install, tenant, system_clock(), usd=0.49)
    assert post_trigger(install, tenant).status_code == 200
    use(install, tenant, system_clock(), usd=0.01)
    refused = post_trigger(install, tenant)
    assert code_of(refused) == (429, "spend-limit")
    assert 1 <= int(refused.headers["retry-after"]) <= 86_400
    assert len(install.carrier.asked) == 1


def test_the_minutes_of_a_month_are_a_quota(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, minutes_per_month=1)
    use(install, tenant, system_clock(), seconds=60)
    assert code_of(post_trigger(install, tenant)) == (402, "quota-exceeded")
    assert code_of(post_trigger(install, tenant, Prefer="respond-async")) == (402, "quota-exceeded")
    assert_nothing_happened(install, tenant)


@pytest.mark.parametrize("callee", ["+442079460123", "+8821612345678", "+18765550123"])
def test_a_call_abroad_needs_its_prefix(install: Install, tenant: Tenant, callee: str) -> None:
    reply = post_trigger(install, tenant, {"phone_number": callee})
    assert code_of(reply) == (403, "destination-not-allowed")
    assert callee not in reply.text
    assert_nothing_happened(install, tenant)
    limit(install, tenant, allowed_destinations=(callee[:4],))
    assert post_trigger(install, tenant, {"phone_number": callee}).status_code == 200
    assert code_of(post_trigger(install, tenant)) == (403, "destination-not-allowed")


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_nobody_on_the_do_not_call_list_is_called(install: Install, tenant: Tenant, prefer: str) -> None:
    listed = install.store.do_not_call.add(make_entry(tenant.organization_id, CALLEE))
    reply = post_trigger(install, tenant, Prefer=prefer, Idempotency_Key="order-7")
    assert code_of(reply) == (403, "do-not-call")
    assert CALLEE not in reply.text
    assert_nothing_happened(install, tenant)
    install.store.do_not_call.remove(tenant.organization_id, listed.number)
    install.store.do_not_call.add(make_entry(f"not-{tenant.organization_id}", CALLEE))
    assert post_trigger(install, tenant, Idempotency_Key="order-7").status_code == 200


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_a_refusal_leaves_nothing_behind(install: Install, tenant: Tenant, prefer: str) -> None:
    limit(install, tenant, calls_per_minute_per_key=0)
    reply = post_trigger(install, tenant, Prefer=prefer, Idempotency_Key="order-7")
    assert code_of(reply) == (429, "rate-limit")
    assert_nothing_happened(install, tenant)
    limit(install, tenant)
    assert post_trigger(install, tenant, Idempotency_Key="order-7").status_code == 200
