"""Sessions begun over HTTP: the run that waits for its caller, what limits allow, and what is sent twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from offhook.clock import system_clock
from offhook.errors import StorageError
from offhook.organizations.limits import Limits
from offhook.organizations.model import Scope
from offhook.runs.model import Direction, Run, RunStatus
from offhook.runs.ports import RunFilter
from offhook.sessions.model import run_id_of
from offhook.sessions.tokens import TokenScope
from tests.support.rest import Install, Tenant

PATH = "/api/v1/streaming-sessions"


def workflow_id(tenant: Tenant) -> str:
    return f"wf_{tenant.agent_uuid.replace('-', '')}"


def start(install: Install, tenant: Tenant, key: str | None = None, **body: Any) -> httpx.Response:
    headers = tenant.headers if key is None else {**tenant.headers, "Idempotency-Key": key}
    return install.http.post(PATH, json={"workflowId": workflow_id(tenant), **body}, headers=headers)


def begun(install: Install, tenant: Tenant, reply: httpx.Response) -> Run:
    assert reply.status_code == 201, reply.text
    return install.store.runs.get(tenant.organization_id, run_id_of(reply.json()["session_id"]))


def runs_of(install: Install, tenant: Tenant) -> list[int]:
    return list(install.store.runs.ids(tenant.organization_id, RunFilter()))


def deploy(install: Install, tenant: Tenant, **terms: Any) -> dict[str, Any]:
    path = f"/api/v1/streaming-workflows/{workflow_id(tenant)}/deploy"
    reply = install.http.post(path, json=terms, headers=tenant.headers)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def test_a_session_is_a_web_run_that_waits_for_its_caller(install: Install, tenant: Tenant) -> None:
    deployment = deploy(
        install, tenant, idle_timeout_seconds=70, max_session_duration_seconds=900, max_concurrent_sessions=3
    )
    before = system_clock()
    reply = start(
        install,
        tenant,
        metadata={"customer_name": "Jane", "direction": "inbound"},
        dispositionSchemaVersion="v1",
        estimatedDurationSeconds=599.5,
        correlationId="corr_789",
    )
    run = begun(install, tenant, reply)
    assert set(reply.json()) == {"session_id", "ws_url", "ws_token"}
    assert reply.json()["ws_url"] == f"wss://voice.example.net/api/v1/streaming/sessions/{run.session_id}/ws"
    grant = install.ports.session_tokens.verify(reply.json()["ws_token"], run.session_id, system_clock())
    assert (grant.organization_id, grant.scope) == (tenant.organization_id, TokenScope.OPERATE)
    assert (run.status, run.direction, run.mode, run.version) == (
        RunStatus.DIALING,
        Direction.WEB,
        "web",
        1,
    )
    assert run.started_at == run.created_at
    assert run.initial_context == {
        "customer_name": "Jane",
        "provider": "web",
        "direction": "web",
        "workflow_run_id": run.id,
        "workflow_uuid": tenant.agent_uuid,
        "agent_uuid": tenant.agent_uuid,
        "api_key_id": tenant.api_key_id,
    }
    assert run.session is not None
    assert before + timedelta(minutes=5) <= run.session.expires_at <= system_clock() + timedelta(minutes=5)
    assert (run.session.deployment_id, run.session.idle_timeout_seconds) == (deployment["_id"], 70)
    assert (run.session.max_duration_seconds, run.session.estimated_duration_seconds) == (900, 600)
    assert run.session.metadata == {"customer_name": "Jane", "direction": "inbound"}
    assert install.store.ledgers.get(tenant.organization_id).live == {run.id}
    shown = install.http.get(f"{PATH}/{run.session_id}", headers=tenant.headers).json()
    assert (shown["status"], shown["ownerId"], shown["correlationId"]) == (
        "ready",
        tenant.api_key_id,
        "corr_789",
    )
    shown_run = install.http.get(f"/api/v1/runs/{run.id}", headers=tenant.headers).json()
    assert (shown_run["mode"], shown_run["direction"]) == ("web", "web")


def test_without_a_deployment_the_session_gets_one_for_itself(install: Install, tenant: Tenant) -> None:
    runs = [begun(install, tenant, start(install, tenant)) for _ in range(2)]
    ids = {run.session.deployment_id for run in runs if run.session}
    (deployment,) = install.http.get(
        f"/api/v1/streaming-workflows/{workflow_id(tenant)}/deployments", headers=tenant.headers
    ).json()
    assert ids == {deployment["_id"]}


def test_a_draft_that_was_never_published_can_be_tried(install: Install, tenant: Tenant) -> None:
    draft = install.add_agent(tenant.organization_id, f"t-{tenant.trigger_path}")
    run = begun(install, tenant, start(install, tenant, workflowId=draft))
    assert (run.agent_uuid, run.is_draft) == (draft, True)


def test_the_draft_of_a_published_agent_is_tried_beside_what_is_deployed(
    install: Install, tenant: Tenant
) -> None:
    deployment = deploy(install, tenant)
    url = f"/api/v1/agents/{tenant.agent_uuid}"
    assert start(install, tenant, mode="draft").status_code == 422
    # Without a draft, what is deployed runs.
    assert not begun(install, tenant, start(install, tenant, mode="test")).is_draft
    edit = install.http.patch(url, json={"settings": {"retention_days": 3}}, headers=tenant.headers)
    assert edit.status_code == 200, edit.text
    tried = begun(install, tenant, start(install, tenant, mode="test"))
    assert (tried.version, tried.is_draft, tried.retention_days) == (2, True, 3)
    assert tried.session is not None
    assert tried.session.deployment_id is None
    usual = begun(install, tenant, start(install, tenant))
    assert (usual.version, usual.is_draft, usual.session and usual.session.deployment_id) == (
        1,
        False,
        deployment["_id"],
    )


def test_who_comes_again_with_the_same_key_gets_the_same_session_and_another_token(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(install, tenant, key="once", metadata={"n": 1})
    later = system_clock() + timedelta(minutes=4)
    monkeypatch.setattr(install.ports, "clock", lambda: later)
    again = start(install, tenant, key="once", metadata={"n": 1})
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["session_id"] == first.json()["session_id"]
    assert "Idempotent-Replayed" not in first.headers
    assert len(runs_of(install, tenant)) == 1
    other = start(install, tenant, key="once", metadata={"n": 2})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-mismatch")


def test_no_token_is_stored(install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    keys = type(install.store.idempotency)
    monkeypatch.setattr(keys, "complete", lambda _, claim, reply: kept.append(reply.body))
    reply = start(install, tenant, key="once")
    assert reply.status_code == 201
    assert kept == []
    again = start(install, tenant, key="once")
    assert again.json()["session_id"] == reply.json()["session_id"]


def test_many_who_come_at_once_with_one_key_begin_one_session(install: Install, tenant: Tenant) -> None:
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: start(install, tenant, key="once"), range(6)))
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert len({reply.json()["session_id"] for reply in replies if reply.status_code == 201}) == 1
    assert len(runs_of(install, tenant)) == 1


def test_a_session_that_could_not_be_stored_is_begun_by_the_next_try(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StorageError("The database is away.")

    with monkeypatch.context() as patch:
        patch.setattr(type(install.store.runs), "create", away)
        assert start(install, tenant, key="once").status_code == 503
    run = begun(install, tenant, start(install, tenant, key="once"))
    assert install.store.ledgers.get(tenant.organization_id).live == {run.id}


# --- limits ---


def limited(install: Install, tenant: Tenant, **limits: Any) -> None:
    install.store.organizations.set_limits(tenant.organization_id, Limits(**limits))


def test_the_cap_of_the_deployment_counts_every_call_of_the_agent(install: Install, tenant: Tenant) -> None:
    deploy(install, tenant, max_concurrent_sessions=2)
    first = begun(install, tenant, start(install, tenant))
    call = install.http.post(
        f"/api/v1/public/agent/{tenant.trigger_path}",
        json={"phone_number": "+14155550123"},
        headers=tenant.headers,
    )
    assert call.status_code == 200
    refused = start(install, tenant)
    assert (refused.status_code, refused.json()["code"]) == (429, "concurrency-limit")
    assert int(refused.headers["Retry-After"]) > 0
    assert len(runs_of(install, tenant)) == 2
    install.http.delete(f"{PATH}/{first.session_id}", headers=tenant.headers)
    assert start(install, tenant).status_code == 201


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"max_concurrent_calls": 1}, "concurrency-limit"),
        ({"calls_per_minute_per_key": 1}, "rate-limit"),
    ],
)
def test_sessions_are_counted_with_the_calls_of_the_organization(
    install: Install, tenant: Tenant, limits: dict[str, int], code: str
) -> None:
    limited(install, tenant, **limits)
    assert start(install, tenant).status_code == 201
    refused = start(install, tenant)
    assert (refused.status_code, refused.json()["code"]) == (429, code)


def test_a_spent_day_begins_no_session(install: Install, tenant: Tenant) -> None:
    limited(install, tenant, spend_per_day_usd=Decimal(0))
    refused = start(install, tenant)
    assert (refused.status_code, refused.json()["code"]) == (429, "spend-limit")


@pytest.mark.parametrize(("estimate", "status"), [(600, 201), (601, 402), (None, 201)])
def test_an_estimate_above_what_is_left_of_the_month_is_refused(
    install: Install, tenant: Tenant, estimate: int | None, status: int
) -> None:
    limited(install, tenant, minutes_per_month=10)
    reply = start(install, tenant, estimatedDurationSeconds=estimate)
    assert reply.status_code == status
    if status == 402:
        assert reply.json()["code"] == "budget-exceeded"
        assert "601 seconds" in reply.json()["detail"]
        assert runs_of(install, tenant) == []


# --- what can't be begun ---


BAD_BODIES: list[dict[str, Any]] = [
    {"workflowId": None},
    {"metadata": "text"},
    {"metadata": {"text": "é" * 4096}},
    {"estimatedDurationSeconds": 0},
    {"estimatedDurationSeconds": "long"},
    {"correlationId": "x" * 257},
    {"customer_name": "Jane"},
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: json.dumps(body)[:40])
def test_a_body_that_is_none_is_refused(install: Install, tenant: Tenant, body: dict[str, Any]) -> None:
    reply = start(install, tenant, **body)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid-request")
    assert reply.json()["errors"][0]["loc"][0] == "body"
    assert runs_of(install, tenant) == []


def test_anothers_workflow_and_an_archived_one_begin_nothing(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-2")
    for workflow in (workflow_id(other), other.agent_uuid, "wf_1", "x"):
        refused = start(install, tenant, workflowId=workflow)
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    install.http.post(f"/api/v1/agents/{tenant.agent_uuid}/archive", headers=tenant.headers)
    refused = start(install, tenant)
    assert (refused.status_code, refused.json()["code"]) == (409, "agent-archived")
    assert runs_of(install, tenant) == []


def test_a_key_that_only_reads_begins_nothing(install: Install, tenant: Tenant) -> None:
    headers = install.add_key(tenant, Scope.STREAMING_SESSIONS_READ)
    reply = install.http.post(PATH, json={"workflowId": workflow_id(tenant)}, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
