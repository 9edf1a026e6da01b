"""Sessions over HTTP: lists, one of them, its socket's tokens, what is put into it, its end, and what its log tells."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from offhook.clock import system_clock
from offhook.json_types import JsonObject
from offhook.organizations.model import Scope
from offhook.runs.model import Moment, Run, RunStatus, RunTelephony, SessionTerms
from offhook.sessions.commands import End, Inject, Refusal, Transfer
from offhook.sessions.tokens import TokenScope
from offhook.vocabulary import InjectRole, TransferMode
from tests.support.live_runs import add_run, stored
from tests.support.makers import NOON, make_event
from tests.support.rest import Install, Tenant
from tests.support.sessions import Owner, add_web_run

READ, WRITE = Scope.STREAMING_SESSIONS_READ, Scope.STREAMING_SESSIONS_WRITE


def ask(
    install: Install, tenant: Tenant, method: str, path: str, *scopes: Scope, **more: Any
) -> httpx.Response:
    headers = install.add_key(tenant, *scopes) if scopes else tenant.headers
    return install.http.request(method, f"/api/v1{path}", headers=headers, **more)


def session(install: Install, tenant: Tenant, run: Run, path: str = "", **params: Any) -> Any:
    reply = ask(install, tenant, "GET", f"/streaming-sessions/{run.session_id}{path}", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def listed(install: Install, tenant: Tenant, path: str = "/streaming-sessions", **params: Any) -> list[str]:
    reply = ask(install, tenant, "GET", path, params=params)
    assert reply.status_code == 200, reply.text
    return [each["session_id"] for each in reply.json()["items"]]


def workflow_id(tenant: Tenant) -> str:
    return f"wf_{tenant.agent_uuid.replace('-', '')}"


def scope_of(install: Install, run: Run, token: str) -> TokenScope:
    return install.ports.session_tokens.verify(token, run.session_id, system_clock()).scope


# --- one session ---


def test_a_session_is_shown_as_strongly_shows_it(install: Install, tenant: Tenant) -> None:
    now = system_clock().replace(microsecond=120_000)
    terms = SessionTerms(
        expires_at=now + timedelta(minutes=5),
        deployment_id="dep_1",
        correlation_id="corr_789",
        disposition_schema_version="v1",
        estimated_duration_seconds=600,
        metadata={"callerId": "+15551234567"},
    )
    run = add_web_run(
        install, tenant, started_at=now, session=terms, initial_context={"api_key_id": tenant.api_key_id}
    )
    shown = session(install, tenant, run)
    assert scope_of(install, run, shown.pop("ws_token")) is TokenScope.OPERATE
    assert shown == {
        "session_id": f"sess_{run.id}",
        "workflow_id": workflow_id(tenant),
        "deployment_id": "dep_1",
        "status": "ready",
        "ownerId": tenant.api_key_id,
        "organizationId": tenant.organization_id,
        "metadata": {"callerId": "+15551234567"},
        "correlationId": "corr_789",
        "dispositionSchemaVersion": "v1",
        "estimatedDurationSeconds": 600,
        "started_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ready_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ended_at": None,
        "ws_url": f"wss://voice.example.net/api/v1/streaming/sessions/sess_{run.id}/ws",
        "workflow_run_id": run.id,
        "direction": "web",
        "disposition": None,
        "end_reason": None,
        "caller_number": None,
        "called_number": None,
        "moment": None,
    }


def test_a_phone_call_is_a_session_too(install: Install, tenant: Tenant) -> None:
    telephony = RunTelephony(
        configuration_id=tenant.configuration_id, caller_number="+12025550100", call_id="sess-0f3b"
    )
    run = add_run(install, tenant, RunStatus.RINGING, telephony=telephony)
    shown = session(install, tenant, run)
    assert (shown["status"], shown["ready_at"], shown["deployment_id"]) == ("connecting", None, None)
    assert (shown["metadata"], shown["correlationId"]) == ({"callerId": "+12025550100"}, "sess-0f3b")
    install.store.runs.advance(run, RunStatus.IN_PROGRESS)
    shown = session(install, tenant, run)
    assert shown["status"] == "active"
    assert shown["ready_at"] is not None


def test_one_that_is_over_has_no_socket(install: Install, tenant: Tenant) -> None:
    run = install.ports.ender.end(add_web_run(install, tenant), RunStatus.CANCELED)
    shown = session(install, tenant, run)
    assert (shown["status"], shown["ws_url"], shown["ws_token"]) == ("canceled", None, None)
    reply = ask(install, tenant, "POST", f"/streaming-sessions/{run.session_id}/token")
    assert (reply.status_code, reply.json()["code"]) == (409, "session-state")
    assert "canceled" in reply.json()["detail"]


def test_one_that_nobody_connected_to_in_time_is_expired_before_that_is_stored(
    install: Install, tenant: Tenant
) -> None:
    run = add_web_run(install, tenant, session=SessionTerms(expires_at=system_clock()))
    shown = session(install, tenant, run)
    assert (shown["status"], shown["ws_token"]) == ("expired", None)
    inject = ask(
        install, tenant, "POST", f"/streaming-sessions/{run.session_id}/inject", json={"text": "Hello."}
    )
    assert (inject.status_code, inject.json()["code"]) == (409, "session-state")
    assert "expired" in inject.json()["detail"]


@pytest.mark.parametrize("session_id", ["sess_0", "sess_1", "nonsense", "sess_99999999999999999", "%00"])
def test_what_names_no_session_is_not_there(install: Install, tenant: Tenant, session_id: str) -> None:
    reply = ask(install, tenant, "GET", f"/streaming-sessions/{session_id}")
    assert (reply.status_code, reply.json()["code"]) == (404, "not-found")


# --- tokens ---


def test_a_key_that_only_reads_gets_tokens_that_only_observe(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant)
    path = f"/streaming-sessions/{run.session_id}"
    assert scope_of(install, run, ask(install, tenant, "GET", path, READ).json()["ws_token"]) == "observe"
    minted = ask(install, tenant, "POST", f"{path}/token", READ)
    assert (minted.status_code, minted.json()["scope"]) == (200, "observe")
    assert scope_of(install, run, minted.json()["ws_token"]) == "observe"
    refused = ask(install, tenant, "POST", f"{path}/token", READ, json={"scope": "operate"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-required")


@pytest.mark.parametrize(
    ("body", "scope"), [(None, "operate"), ({}, "operate"), ({"scope": "observe"}, "observe")]
)
def test_a_key_that_writes_chooses(install: Install, tenant: Tenant, body: Any, scope: str) -> None:
    run = add_web_run(install, tenant)
    reply = ask(install, tenant, "POST", f"/streaming-sessions/{run.session_id}/token", json=body)
    assert reply.json()["scope"] == scope == scope_of(install, run, reply.json()["ws_token"])
    assert reply.json()["ws_url"].endswith(f"/{run.session_id}/ws")


# --- lists ---


def test_sessions_are_listed_newest_first_or_oldest_first(install: Install, tenant: Tenant) -> None:
    runs = [add_run(install, tenant, RunStatus.RINGING), add_web_run(install, tenant)]
    runs.append(install.ports.ender.end(add_run(install, tenant, RunStatus.RINGING), RunStatus.BUSY))
    ids = [run.session_id for run in runs]
    assert listed(install, tenant) == ids[::-1] == listed(install, tenant, sort="-started_at")
    assert listed(install, tenant, sort="started_at") == ids
    assert listed(install, tenant, sort="started_at", offset=1, limit=1) == ids[1:2]
    page = ask(install, tenant, "GET", "/streaming-sessions", params={"offset": 1, "limit": 1}).json()
    assert (page["count"], page["limit"], page["offset"]) == (3, 1, 1)
    assert (page["items"][0]["ws_token"], page["items"][0]["status"]) == (None, "ready")
    assert ask(install, tenant, "GET", "/streaming-sessions", params={"sort": "status"}).status_code == 422


def test_each_status_lists_its_own_and_active_all_that_live(install: Install, tenant: Tenant) -> None:
    ender = install.ports.ender
    run_of = {
        "pending": add_run(install, tenant, RunStatus.QUEUED),
        "scheduling": add_run(install, tenant, RunStatus.DIALING),
        "ready": add_web_run(install, tenant),
        "connecting": add_run(install, tenant, RunStatus.RINGING),
        "completed": ender.end(add_run(install, tenant, RunStatus.RINGING), RunStatus.COMPLETED),
        "failed": ender.end(add_run(install, tenant, RunStatus.RINGING), RunStatus.NO_ANSWER),
        "canceled": ender.end(add_run(install, tenant, RunStatus.RINGING), RunStatus.CANCELED),
        "expired": ender.end(replace(add_web_run(install, tenant), end_reason="expired"), RunStatus.CANCELED),
    }
    for status, run in run_of.items():
        assert listed(install, tenant, status=status) == [run.session_id]
    live = [run_of[status].session_id for status in ("connecting", "ready", "scheduling", "pending")]
    assert listed(install, tenant, status="active") == live
    assert listed(install, tenant, status="active", sort="started_at", limit=2) == live[:1:-1]
    assert listed(install, tenant, status="draining") == []


def test_active_sessions_are_read_off_the_ledger(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_web_run(install, tenant)
    monkeypatch.setattr(type(install.store.runs), "ids", lambda *_, **__: pytest.fail("history was read"))
    assert listed(install, tenant, status="active") == [run.session_id]


def test_calls_that_hold_a_place_are_listed_without_those_that_wait_for_their_dial(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [add_run(install, tenant, RunStatus.DIALING) for _ in range(3)]
    add_run(install, tenant, RunStatus.QUEUED)
    ids = [run.session_id for run in reversed(runs)]
    now: dict[str, Any] = {"status": "active", "waiting": False}
    assert listed(install, tenant, **now) == ids
    assert listed(install, tenant, workflowId=tenant.agent_uuid, **now) == ids
    asked_for: list[int] = []
    get_many = type(install.store.runs).get_many

    def noted(of: Any, ids: Any) -> Any:
        asked_for.extend(ids)
        return get_many(of, ids)

    monkeypatch.setattr(type(install.store.runs), "get_many", noted)
    page = ask(install, tenant, "GET", "/streaming-sessions", params=now | {"limit": 1, "offset": 1}).json()
    assert (page["count"], asked_for) == (3, [runs[1].id])
    assert [item["session_id"] for item in page["items"]] == ids[1:2]


def test_a_live_call_shows_where_it_stands_and_one_that_is_over_does_not(
    install: Install, tenant: Tenant
) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    moment = Moment(
        at=NOON, agent_uuid=tenant.agent_uuid, node_id="n2", speaker="caller", text="Hello?", cost_usd=0.01
    )
    assert run.ownership is not None
    install.store.runs.renew(run.id, run.ownership, moment)
    (shown,) = ask(install, tenant, "GET", "/streaming-sessions", params={"status": "active"}).json()["items"]
    assert shown["moment"] == {
        "at": "2026-11-20T12:00:00.123Z",
        "workflow_id": workflow_id(tenant),
        "node_id": "n2",
        "speaker": "caller",
        "text": "Hello?",
        "cost_usd": 0.01,
    }
    install.store.runs.finish(replace(run, status=RunStatus.COMPLETED), run.ownership)
    assert session(install, tenant, run)["moment"] is None
    # Others end it, and its owner stood still until then.
    other = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    assert other.ownership is not None
    install.store.runs.renew(other.id, other.ownership, moment)
    assert install.ports.ender.end(other, RunStatus.FAILED).moment is None
    install.store.runs.renew(other.id, other.ownership, moment)
    assert session(install, tenant, other)["moment"] is None


def test_a_workflow_has_its_own_list(install: Install, tenant: Tenant) -> None:
    other_agent = install.add_agent(tenant.organization_id, f"t-{tenant.trigger_path}")
    run = add_web_run(install, tenant)
    add_web_run(install, tenant, agent_uuid=other_agent)
    for path, params in (
        (f"/streaming-workflows/{workflow_id(tenant)}/sessions", {}),
        (f"/streaming-workflows/{tenant.agent_uuid}/sessions", {"status": "ready"}),
        ("/streaming-sessions", {"workflowId": workflow_id(tenant)}),
        ("/streaming-sessions", {"workflowId": tenant.agent_uuid, "status": "active"}),
    ):
        assert listed(install, tenant, path, **params) == [run.session_id]
    for path in ("/streaming-workflows/wf_1/sessions", "/streaming-sessions?workflowId=wf_1"):
        assert ask(install, tenant, "GET", path).status_code == 404


# --- what is put into it ---


def test_a_text_reaches_the_owner_of_the_call(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    body = {"text": "Ask for the account number.", "role": "assistant", "interrupt": True}
    with Owner(install).serving() as owner:
        reply = ask(install, tenant, "POST", f"/streaming-sessions/{run.session_id}/inject", json=body)
    assert (reply.status_code, reply.json()["injected"]) == (200, True)
    assert owner.told == [
        Inject(
            id=reply.json()["inject_id"],
            text="Ask for the account number.",
            role=InjectRole.ASSISTANT,
            interrupt=True,
        )
    ]


def test_a_text_that_is_sent_twice_under_one_key_is_put_in_once(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    path = f"/api/v1/streaming-sessions/{run.session_id}/inject"
    headers = {**tenant.headers, "Idempotency-Key": "once"}
    with Owner(install).serving() as owner:
        replies = [install.http.post(path, json={"text": "Hello."}, headers=headers) for _ in range(2)]
    assert replies[0].json() == replies[1].json()
    assert len(owner.told) == 1


def test_an_owner_that_does_not_take_it_is_a_conflict(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    path = f"/streaming-sessions/{run.session_id}/inject"
    with Owner(install, refusal=Refusal(code="ending", detail="The call ends.")).serving():
        refused = ask(install, tenant, "POST", path, json={"text": "Hello."})
    assert (refused.status_code, refused.json()["code"]) == (409, "ending")


def test_a_session_that_nobody_talks_in_takes_none(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant)
    reply = ask(
        install, tenant, "POST", f"/streaming-sessions/{run.session_id}/inject", json={"text": "Hello."}
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "session-state")
    assert "ready" in reply.json()["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x" * 4001}, {"text": "x", "role": "operator"}, {"text": " "}]
)
def test_a_text_that_is_none_is_refused(install: Install, tenant: Tenant, body: dict[str, str]) -> None:
    run = add_web_run(install, tenant)
    reply = ask(install, tenant, "POST", f"/streaming-sessions/{run.session_id}/inject", json=body)
    assert reply.status_code == 422


def test_a_transfer_that_is_sent_twice_under_one_key_reaches_whoever_has_the_call_once(
    install: Install, tenant: Tenant
) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    path = f"/api/v1/streaming-sessions/{run.session_id}/transfer"
    headers = {**tenant.headers, "Idempotency-Key": "once"}
    body = {"to": "+14155550100", "mode": "warm", "summary": "Jane waits.", "timeout_seconds": 20}
    with Owner(install).serving() as owner:
        replies = [install.http.post(path, json=body, headers=headers) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    assert owner.told == [
        Transfer(
            id=replies[0].json()["command_id"],
            to="+14155550100",
            mode=TransferMode.WARM,
            summary="Jane waits.",
            timeout_seconds=20,
        )
    ]


def test_a_transfer_to_nobody_is_refused_and_its_number_not_repeated(
    install: Install, tenant: Tenant
) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    path = f"/streaming-sessions/{run.session_id}/transfer"
    refused = ask(install, tenant, "POST", path, json={"to": "4155550177"})
    assert (refused.status_code, "4155550177" in refused.text) == (422, False)
    assert refused.json()["errors"][0]["loc"] == ["body", "to"]
    forbidden = ask(install, tenant, "POST", path, READ, json={"to": "+14155550177"})
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "scope-required")


# --- its end ---


def test_who_ends_a_session_twice_has_ended_it(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant)
    for _ in range(2):
        reply = ask(install, tenant, "DELETE", f"/streaming-sessions/{run.session_id}")
        assert (reply.status_code, reply.content) == (204, b"")
    assert (stored(install, run).status, stored(install, run).end_reason) == (
        RunStatus.CANCELED,
        "hangup_requested",
    )


def test_two_who_end_a_session_at_once_both_have(install: Install, tenant: Tenant) -> None:
    def end(run: Run) -> int:
        return ask(install, tenant, "DELETE", f"/streaming-sessions/{run.session_id}").status_code

    for status in (RunStatus.DIALING, RunStatus.IN_PROGRESS):
        run = add_web_run(install, tenant, status)
        with Owner(install).serving(), ThreadPoolExecutor(4) as pool:
            assert set(pool.map(end, [run] * 4)) == {204}


def test_a_session_that_talks_is_ended_by_its_owner(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    with Owner(install).serving() as owner:
        reply = ask(install, tenant, "DELETE", f"/streaming-sessions/{run.session_id}")
    assert reply.status_code == 204
    assert [type(command) for command in owner.told] == [End]


def test_an_owner_that_refuses_since_the_call_has_ended_is_no_error(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    path = f"/streaming-sessions/{run.session_id}"
    with Owner(install, refusal=Refusal(code="session-state", detail="The call is over.")).serving():
        assert ask(install, tenant, "DELETE", path).status_code == 409
        end = make_event(1, "end", reason="user_hangup", disposition=None, duration_ms=10)
        install.store.events.append(run.id, [end])
        assert ask(install, tenant, "DELETE", path).status_code == 204


def test_a_phone_call_that_is_ended_as_a_session_is_ended_at_the_carrier(
    install: Install, tenant: Tenant
) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    assert ask(install, tenant, "DELETE", f"/streaming-sessions/{run.session_id}").status_code == 204
    assert [asked.method for asked in install.carrier.asked] == ["DELETE"]
    assert stored(install, run).status is RunStatus.CANCELED


def test_a_key_that_only_reads_ends_nothing(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant)
    path = f"/streaming-sessions/{run.session_id}"
    assert ask(install, tenant, "DELETE", path, READ).status_code == 403
    inject = ask(install, tenant, "POST", f"{path}/inject", READ, json={"text": "Hello."})
    assert (inject.status_code, inject.json()["code"]) == (403, "scope-required")
    assert stored(install, run) == run


# --- what its log tells ---


def test_a_session_tells_what_its_log_holds(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    said: JsonObject = {"start_ms": 0, "turn": 1, "node_id": "n1"}
    at = system_clock().replace(microsecond=0)
    install.store.events.append(
        run.id,
        [
            make_event(1, "status", at, status="in_progress"),
            make_event(
                2, "transcript", at, segment_id="a1", speaker="agent", text="Hi.", end_ms=None, **said
            ),
            make_event(
                3, "transcript", at, segment_id="c1", speaker="caller", text="My balance", end_ms=9, **said
            ),
            make_event(4, "error", at, code="model-late", message="Late.", node_id="n1", recoverable=True),
        ],
    )
    transcript = session(install, tenant, run, "/transcript")
    assert (transcript["count"], transcript["limit"], transcript["offset"]) == (2, 50, 0)
    shown = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert transcript["items"][1] == {
        "_id": f"txn_{run.id}_3",
        "session_id": run.session_id,
        "role": "user",
        "text": "My balance",
        "emitted_at": shown,
    }
    page = session(install, tenant, run, "/transcript", offset=1, limit=1)
    assert page["items"] == transcript["items"][1:]
    (window,) = session(install, tenant, run, "/metrics")
    assert (window["asr_words"], window["tts_chars"], window["barge_in_count"]) == (2, 3, 0)
    (error,) = session(install, tenant, run, "/errors")
    assert (error["_id"], error["code"], error["timestamp"]) == (f"err_{run.id}_4", "model-late", shown)
    assert session(install, tenant, run, "/handoffs") == {"handoffs": []}
