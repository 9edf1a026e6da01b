"""Starting calls over HTTP: what is dialled, what is stored, and what is refused without a trace."""

from xml.etree import ElementTree as ET

import pytest

from offhook.organizations.model import Scope
from offhook.runs.model import Direction, RunStatus
from tests.support.carrier import Answer, Silence
from tests.support.cloudonix import make_configuration
from tests.support.rest import BEARER_TOKEN, PUBLIC_BASE_URL, Install, Tenant
from tests.support.triggers import BODY, CALLEE, assert_nothing_happened, runs_of, trigger


def test_a_trigger_dials_the_number_and_leaves_a_dialing_run(install: Install, tenant: Tenant) -> None:
    status, reply = trigger(install, tenant)
    (run,) = runs_of(install, tenant)
    assert (status, reply) == (
        200,
        {"status": "initiated", "workflow_run_id": run.id, "workflow_run_name": run.name},
    )
    assert run.name.startswith("WR-API-")
    assert len(run.name) == len("WR-API-0000")
    assert (run.status, run.direction, run.mode) == (
        RunStatus.DIALING,
        Direction.OUTBOUND,
        "cloudonix",
    )
    assert (run.agent_uuid, run.version, run.is_draft, run.stream_number) == (tenant.agent_uuid, 1, False, 1)
    assert run.telephony.call_id == "sess-0f3b"
    assert (run.telephony.caller_number, run.telephony.called_number) == (tenant.caller_number, CALLEE)


def test_the_dial_carries_the_stored_credentials_and_signed_addresses(
    install: Install, tenant: Tenant
) -> None:
    _, reply = trigger(install, tenant)
    run_id, links = reply["workflow_run_id"], install.ports.links
    (asked,) = install.carrier.asked
    assert (asked.method, asked.path) == ("POST", f"/calls/{tenant.cloudonix_domain}/application")
    assert asked.authorization == f"Bearer {BEARER_TOKEN}"
    assert asked.body["destination"] == CALLEE
    assert asked.body["caller-id"] == tenant.caller_number
    callback_base = f"{PUBLIC_BASE_URL}/api/v1/telephony/cloudonix/status-callback/"
    assert asked.body["callback"].startswith(callback_base)
    assert links.status_run_id(asked.body["callback"].removeprefix(callback_base)) == run_id
    response = ET.fromstring(asked.body["cxml"])
    assert [element.tag for element in response] == ["Connect", "Redirect"]
    (stream,) = response[0]
    assert stream.get("name") == f"{run_id}-1"
    media_base = f"wss://voice.example.net/api/v1/telephony/ws/{run_id}/"
    url = stream.get("url", "")
    assert url.startswith(media_base)
    assert links.media_stream_number(run_id, url.removeprefix(media_base)) == 1
    assert response[1].get("method") == "POST"
    continue_base = f"{PUBLIC_BASE_URL}/api/v1/telephony/continue/"
    assert links.continued_run_id((response[1].text or "").removeprefix(continue_base)) == run_id


def test_a_callers_context_cannot_overwrite_what_the_system_stamps(install: Install, tenant: Tenant) -> None:
    forged = {"direction": "inbound", "called_number": "+1", "workflow_uuid": "x", "api_key_id": "x", "a": 1}
    trigger(install, tenant, {"phone_number": CALLEE, "initial_context": forged})
    (run,) = runs_of(install, tenant)
    assert run.initial_context == {
        "a": 1,
        "provider": "cloudonix",
        "direction": "outbound",
        "phone_number": CALLEE,
        "called_number": CALLEE,
        "caller_number": tenant.caller_number,
        "workflow_run_id": run.id,
        "workflow_uuid": tenant.agent_uuid,
        "agent_uuid": tenant.agent_uuid,
        "agent_identifier": tenant.trigger_path,
        "trigger_mode": "production",
        "telephony_configuration_id": tenant.configuration_id,
        "from_phone_number_id": tenant.number_id,
        "api_key_id": tenant.api_key_id,
    }


def test_the_agent_routes_need_no_trigger(install: Install, tenant: Tenant) -> None:
    status, _ = trigger(install, tenant, path=f"workflow/{tenant.agent_uuid}")
    assert status == 200
    status, reply = trigger(install, tenant, path=f"test/workflow/{tenant.agent_uuid}")
    assert status == 200
    assert reply["workflow_run_name"].startswith("WR-TEST-")


def test_the_test_address_runs_a_draft_and_the_production_address_does_not(
    install: Install, tenant: Tenant
) -> None:
    draft = install.add_agent(tenant.organization_id, f"d-{tenant.trigger_path}")
    status, reply = trigger(install, tenant, path=f"test/d-{tenant.trigger_path}")
    assert status == 200
    assert reply["workflow_run_name"].startswith("WR-TEST-")
    (run,) = runs_of(install, tenant)
    assert (run.agent_uuid, run.is_draft) == (draft, True)
    status, reply = trigger(install, tenant, path=f"d-{tenant.trigger_path}")
    assert (status, reply["code"]) == (404, "agent-unpublished")


def test_the_test_address_falls_back_to_the_published_version(install: Install, tenant: Tenant) -> None:
    status, _ = trigger(install, tenant, path=f"test/{tenant.trigger_path}")
    (run,) = runs_of(install, tenant)
    assert (status, run.is_draft) == (200, False)


def test_a_disabled_trigger_is_not_found(install: Install, tenant: Tenant) -> None:
    path = f"off-{tenant.trigger_path}"
    install.add_agent(tenant.organization_id, path, is_enabled=False)
    status, reply = trigger(install, tenant, path=f"test/{path}")
    assert (status, reply["code"]) == (404, "trigger-not-found")


@pytest.mark.parametrize("path", ["no-such-trigger", "test", "workflow", "test/workflow", "a" * 37, "%00"])
def test_an_unknown_trigger_is_404(install: Install, tenant: Tenant, path: str) -> None:
    status, reply = trigger(install, tenant, path=path)
    assert (status, reply["code"]) == (404, "trigger-not-found")
    assert_nothing_happened(install, tenant)


def test_an_unknown_agent_is_404(install: Install, tenant: Tenant) -> None:
    status, reply = trigger(install, tenant, path="workflow/no-such-agent")
    assert (status, reply["status"]) == (404, 404)
    assert_nothing_happened(install, tenant)


def test_another_organizations_trigger_is_403_and_its_agent_404(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    status, reply = trigger(install, tenant, path=other.trigger_path)
    assert (status, reply["code"]) == (403, "access-denied")
    status, _ = trigger(install, tenant, path=f"test/{other.trigger_path}")
    assert status == 403
    status, _ = trigger(install, tenant, path=f"workflow/{other.agent_uuid}")
    assert status == 404
    assert_nothing_happened(install, tenant)
    assert_nothing_happened(install, other)


@pytest.mark.parametrize(
    "number", ["", "4155550123", "+1 415 555 0123", "+0", "tel:+14155550123", "+" + "1" * 20]
)
def test_a_number_that_cannot_be_dialled_is_422(install: Install, tenant: Tenant, number: str) -> None:
    status, reply = trigger(install, tenant, {"phone_number": number})
    assert status == 422
    assert reply["errors"][0]["loc"] == ["body", "phone_number"]
    assert_nothing_happened(install, tenant)


def test_a_sip_destination_is_dialled(install: Install, tenant: Tenant) -> None:
    status, _ = trigger(install, tenant, {"phone_number": "sip:desk@pbx.example.com"})
    assert status == 200
    assert install.carrier.asked[0].body["destination"] == "sip:desk@pbx.example.com"


def test_a_flat_payload_is_told_where_variables_belong(install: Install, tenant: Tenant) -> None:
    status, reply = trigger(install, tenant, {"phone_number": CALLEE, "customer_name": "Jane"})
    assert status == 422
    assert reply["errors"] == [
        {
            "loc": ["body", "customer_name"],
            "msg": "This field is not known here: variables for the agent belong under initial_context.",
        }
    ]
    assert "initial_context" in reply["detail"]
    assert_nothing_happened(install, tenant)


def test_a_context_above_64_kb_is_422(install: Install, tenant: Tenant) -> None:
    status, reply = trigger(
        install, tenant, {"phone_number": CALLEE, "initial_context": {"text": "é" * 33_000}}
    )
    assert (status, reply["errors"][0]["loc"]) == (422, ["body", "initial_context"])
    assert_nothing_happened(install, tenant)


def test_another_organizations_configuration_is_404(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    status, reply = trigger(install, tenant, {**BODY, "telephony_configuration_id": other.configuration_id})
    assert (status, reply["status"]) == (404, 404)
    assert_nothing_happened(install, tenant)


def test_an_organization_with_nothing_configured_gets_400(install: Install, organization_id: str) -> None:
    tenant = install.new_tenant(organization_id, has_line=False)
    status, reply = trigger(install, tenant)
    assert (status, reply["code"]) == (400, "telephony-not-configured")
    assert_nothing_happened(install, tenant)


def test_a_configuration_without_a_number_gets_400(install: Install, tenant: Tenant) -> None:
    configuration = make_configuration(tenant.organization_id, id="no-number", name="second")
    install.store.telephony.add(configuration)
    status, reply = trigger(install, tenant, {**BODY, "telephony_configuration_id": "no-number"})
    assert (status, reply["code"]) == (400, "caller-number-not-configured")
    assert_nothing_happened(install, tenant)


def test_the_caller_chooses_the_number_to_call_from(install: Install, tenant: Tenant) -> None:
    number = install.add_number(tenant.organization_id, tenant.configuration_id, "+12025550177")
    status, _ = trigger(install, tenant, {**BODY, "from_phone_number_id": number.id})
    assert status == 200
    assert install.carrier.asked[0].body["caller-id"] == "+12025550177"
    status, reply = trigger(install, tenant, {**BODY, "from_phone_number_id": "someone-elses"})
    assert (status, reply["code"]) == (422, "from-phone-number-not-found")


@pytest.mark.parametrize("refusal", [400, 401, 404, 302])
def test_a_refused_dial_is_400_and_the_run_says_why(install: Install, tenant: Tenant, refusal: int) -> None:
    install.carrier.answer = Answer(status=refusal, body={"message": "secret words of the carrier"})
    status, reply = trigger(install, tenant)
    (run,) = runs_of(install, tenant)
    assert (status, reply["code"], reply["workflow_run_id"]) == (400, "carrier-refused", run.id)
    assert run.status is RunStatus.FAILED
    assert run.ended_at is not None
    assert run.error is not None
    assert (run.error.code, run.disposition) == ("carrier-refused", "failed")
    assert "secret words" not in str(reply)
    assert "secret words" not in run.error.message


@pytest.mark.parametrize("busy", [429, 503])
def test_a_busy_carrier_is_429_with_its_retry_after(install: Install, tenant: Tenant, busy: int) -> None:
    install.carrier.answer = Answer(status=busy, headers={"Retry-After": "7"})
    reply = install.http.post(
        f"/api/v1/public/agent/{tenant.trigger_path}", json=BODY, headers=tenant.headers
    )
    (run,) = runs_of(install, tenant)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert reply.json()["workflow_run_id"] == run.id
    assert run.status is RunStatus.FAILED


def test_a_busy_carrier_without_a_time_still_gives_a_number(install: Install, tenant: Tenant) -> None:
    install.carrier.answer = Answer(status=429, headers={"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT"})
    reply = install.http.post(
        f"/api/v1/public/agent/{tenant.trigger_path}", json=BODY, headers=tenant.headers
    )
    assert reply.headers["retry-after"] == "10"


@pytest.mark.parametrize("failure", [500, 502, 504])
def test_a_failing_carrier_fails_the_run_and_is_not_asked_again(
    install: Install, tenant: Tenant, failure: int
) -> None:
    install.carrier.answer = Answer(status=failure)
    status, reply = trigger(install, tenant)
    (run,) = runs_of(install, tenant)
    assert (status, reply["code"], reply["workflow_run_id"]) == (400, "carrier-failed", run.id)
    assert run.status is RunStatus.FAILED
    assert len(install.carrier.asked) == 1


@pytest.mark.parametrize(
    "answer", [Silence.UNANSWERED, Silence.DROPPED, Answer(status=200, body={"no": "token"})]
)
def test_a_dial_of_unknown_outcome_is_200_and_never_repeated(
    install: Install, tenant: Tenant, answer: Answer | Silence
) -> None:
    install.carrier.answer = answer
    status, reply = trigger(install, tenant)
    (run,) = runs_of(install, tenant)
    assert (status, reply["workflow_run_id"]) == (200, run.id)
    assert (run.status, run.telephony.call_id, run.error) == (RunStatus.DIALING, None, None)
    assert len(install.carrier.asked) == 1


def test_a_key_without_the_scope_is_403(install: Install, tenant: Tenant) -> None:
    headers = install.add_key(tenant, Scope.RUNS_READ)
    reply = install.http.post(f"/api/v1/public/agent/{tenant.trigger_path}", json=BODY, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
    assert_nothing_happened(install, tenant)
