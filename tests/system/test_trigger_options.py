"""What a trigger may ask for beside the call: a reply before the dial, and a callback at the end."""

import json
from typing import Any

import pytest

from offhook.runs.model import DeliveryStatus, RunStatus
from tests.support.carrier import Answer
from tests.support.queues import messages_for
from tests.support.rest import Install, Tenant
from tests.support.triggers import BODY, assert_nothing_happened, post_trigger, runs_of, trigger

CALLBACK_URL = "http://127.0.0.1:9/resume/3f1c?token=of-the-receiver"


def test_a_client_that_will_not_wait_is_answered_before_the_dial(install: Install, tenant: Tenant) -> None:
    reply = post_trigger(install, tenant, Prefer="wait=5, Respond-Async")
    (run,) = runs_of(install, tenant)
    assert (reply.status_code, reply.json()) == (
        202,
        {"status": "queued", "workflow_run_id": run.id, "workflow_run_name": run.name},
    )
    assert reply.headers["preference-applied"] == "respond-async"
    assert (run.status, run.started_at) == (RunStatus.QUEUED, None)
    assert install.carrier.asked == []
    ledger = install.store.ledgers.get(tenant.organization_id)
    assert (set(ledger.queued), set(ledger.live)) == ({run.id}, set())
    assert messages_for(install.ports.dials, {run.id}) == [run.id]


@pytest.mark.parametrize(
    "prefer", ["", "return=minimal", "respond-asynchronously", ";,;=", "respond-async=no"]
)
def test_other_preferences_change_nothing(install: Install, tenant: Tenant, prefer: str) -> None:
    reply = post_trigger(install, tenant, Prefer=prefer)
    assert (reply.status_code, reply.json()["status"]) == (200, "initiated")
    assert "preference-applied" not in reply.headers


def test_a_queued_reply_is_replayed_whole(install: Install, tenant: Tenant) -> None:
    first = post_trigger(install, tenant, Prefer="respond-async", Idempotency_Key="order-8")
    again = post_trigger(install, tenant, Prefer="respond-async", Idempotency_Key="order-8")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["preference-applied"] == "respond-async"
    assert len(runs_of(install, tenant)) == 1
    run_id = first.json()["workflow_run_id"]
    assert messages_for(install.ports.dials, {run_id}) == [run_id]


def test_a_callback_is_owed_when_the_run_ends(install: Install, tenant: Tenant) -> None:
    trigger(install, tenant, {**BODY, "callback_url": CALLBACK_URL})
    (run,) = runs_of(install, tenant)
    assert run.callback is not None
    assert (run.callback.url, run.callback.status) == (CALLBACK_URL, DeliveryStatus.PENDING)
    install.ports.ender.end(run, RunStatus.NO_ANSWER)
    assert install.store.ledgers.get(tenant.organization_id).owed == {run.id}
    # It waits until the reply to the order is out for sure.
    assert messages_for(install.ports.aftercalls, {run.id}) == []


@pytest.mark.parametrize("failure", [400, 429, 502])
def test_a_failure_that_the_reply_tells_owes_no_callback(
    install: Install, tenant: Tenant, failure: int
) -> None:
    install.carrier.answer = Answer(status=failure)
    _, reply = trigger(install, tenant, {**BODY, "callback_url": CALLBACK_URL})
    ledger = install.store.ledgers.get(tenant.organization_id)
    assert (ledger.live, ledger.owed) == (frozenset(), frozenset())
    run = install.store.runs.get(tenant.organization_id, reply["workflow_run_id"])
    assert run.callback is not None
    assert run.callback.status is DeliveryStatus.NOT_SENT
    # The reaper does so where the place could not be given back.
    install.ports.ender.follow_up(run)
    assert messages_for(install.ports.aftercalls, {run.id}) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://hooks.example.com/",
        "https://user:secret@hooks.example.com/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "no address at all",
        "https://hooks.example.com/" + "a" * 2000,
    ],
)
def test_an_address_that_no_callback_may_go_to_is_422(install: Install, tenant: Tenant, url: str) -> None:
    reply = post_trigger(install, tenant, {**BODY, "callback_url": url})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["loc"] == ["body", "callback_url"]
    assert reply.json()["code"] in ("address-not-allowed", "invalid-request")
    assert "secret" not in reply.text
    assert_nothing_happened(install, tenant)


def test_a_run_is_kept_as_long_as_its_agent_says(install: Install, tenant: Tenant) -> None:
    agent = install.add_agent(
        tenant.organization_id, f"k-{tenant.trigger_path}", settings={"retention_days": 30}
    )
    trigger(install, tenant, path=f"test/workflow/{agent}")
    (run,) = runs_of(install, tenant)
    assert run.retention_days == 30


def test_the_document_tells_of_both_replies_and_every_problem(install: Install) -> None:
    document: Any = json.loads(install.http.get("/openapi.json").text)
    operation = document["paths"]["/api/v1/public/agent/{trigger_path}"]["post"]
    assert {"200", "202", "400", "401", "402", "403", "404", "409", "422", "429", "503"} <= operation[
        "responses"
    ].keys()
    assert "Preference-Applied" in operation["responses"]["202"]["headers"]
    assert {"Idempotency-Key", "Prefer"} <= {parameter["name"] for parameter in operation["parameters"]}
    body = document["components"]["schemas"]["TriggerBody"]
    assert "`workflow_run_id`" in body["properties"]["initial_context"]["description"]
