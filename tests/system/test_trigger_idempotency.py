"""A trigger that is sent again dials once, and is answered with what came of the first one."""

from dataclasses import replace

import pytest

from functions.trigger.services import make_services as make_trigger
from offhook.clock import system_clock
from offhook.errors import StorageError
from offhook.ids import new_run_id
from offhook.organizations.idempotency import STALE_AFTER, Claim
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.creating import NOT_DIALLED
from offhook.runs.placing.dialing import failed_by
from offhook.runs.placing.orders import RunNumber
from tests.support.carrier import DIALLED, Answer, Silence
from tests.support.makers import make_run
from tests.support.rest import Install, Tenant
from tests.support.triggers import BODY, assert_nothing_happened, place, post_trigger, runs_of, storm

KEY = "order-1042-reminder"


def test_a_storm_of_one_request_dials_once(install: Install, tenant: Tenant) -> None:
    replies = storm(install, tenant, [BODY] * 50, Idempotency_Key=KEY)
    (run,) = runs_of(install, tenant)
    assert len(install.carrier.asked) == 1
    answered = [reply for reply in replies if reply.status_code == 200]
    assert {reply.json()["workflow_run_id"] for reply in answered} == {run.id}
    assert sum("idempotent-replayed" not in reply.headers for reply in answered) == 1
    for reply in replies:
        if reply.status_code != 200:
            assert (reply.status_code, reply.json()["code"]) == (409, "idempotency-in-progress")
            assert int(reply.headers["retry-after"]) >= 1
    assert install.store.ledgers.get(tenant.organization_id).live == {run.id}


def test_the_same_request_is_answered_alike(install: Install, tenant: Tenant) -> None:
    first = post_trigger(install, tenant, Idempotency_Key=KEY)
    again = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(install.carrier.asked) == 1


def test_a_key_in_the_body_counts_like_one_in_the_header(install: Install, tenant: Tenant) -> None:
    body = {**BODY, "dedupe_key": KEY}
    first = post_trigger(install, tenant, body)
    assert post_trigger(install, tenant, body).json() == first.json()
    assert post_trigger(install, tenant, body, Idempotency_Key=KEY).json() == first.json()
    assert len(install.carrier.asked) == 1


def test_two_different_keys_in_one_request_are_422(install: Install, tenant: Tenant) -> None:
    reply = post_trigger(install, tenant, {**BODY, "dedupe_key": KEY}, Idempotency_Key="another")
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["loc"] == ["body", "dedupe_key"]
    assert_nothing_happened(install, tenant)


def test_another_body_under_the_same_key_is_409(install: Install, tenant: Tenant) -> None:
    post_trigger(install, tenant, Idempotency_Key=KEY)
    reply = post_trigger(install, tenant, {"phone_number": "+14155550199"}, Idempotency_Key=KEY)
    assert (reply.status_code, reply.json()["code"]) == (409, "idempotency-mismatch")
    assert len(install.carrier.asked) == 1


def test_another_organization_may_use_the_same_key(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    first = post_trigger(install, tenant, Idempotency_Key=KEY)
    second = post_trigger(install, other, Idempotency_Key=KEY)
    assert second.json()["workflow_run_id"] != first.json()["workflow_run_id"]
    assert len(install.carrier.asked) == 2


@pytest.mark.parametrize("refusal", [400, 401, 429, 503])
def test_after_a_certain_refusal_the_same_key_may_dial_again(
    install: Install, tenant: Tenant, refusal: int
) -> None:
    install.carrier.answer = Answer(status=refusal)
    refused = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert refused.status_code in (400, 429)
    install.carrier.answer = DIALLED
    reply = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert reply.status_code == 200
    assert reply.json()["workflow_run_id"] != refused.json()["workflow_run_id"]
    assert len(install.carrier.asked) == 2


def test_after_a_failure_that_may_have_dialled_the_same_key_does_not_dial_again(
    install: Install, tenant: Tenant
) -> None:
    install.carrier.answer = Answer(status=502)
    failed = post_trigger(install, tenant, Idempotency_Key=KEY)
    install.carrier.answer = DIALLED
    again = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert (failed.status_code, failed.json()["code"]) == (400, "carrier-failed")
    assert (again.status_code, again.json()) == (400, failed.json())
    assert again.headers["content-type"] == "application/problem+json"
    assert len(install.carrier.asked) == 1
    assert post_trigger(install, tenant, Idempotency_Key="a-new-attempt").status_code == 200


def test_an_unanswered_dial_is_replayed_as_initiated(install: Install, tenant: Tenant) -> None:
    install.carrier.answer = Silence.UNANSWERED
    first = post_trigger(install, tenant, Idempotency_Key=KEY)
    install.carrier.answer = DIALLED
    again = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert len(install.carrier.asked) == 1


def test_a_refusal_before_the_run_frees_the_key(install: Install, tenant: Tenant) -> None:
    wrong = post_trigger(install, tenant, {"phone_number": "12"}, Idempotency_Key=KEY)
    assert wrong.status_code == 422
    assert_nothing_happened(install, tenant)
    assert post_trigger(install, tenant, Idempotency_Key=KEY).status_code == 200


def test_a_lost_request_is_answered_from_its_run(install: Install, tenant: Tenant) -> None:
    run = a_run(install, tenant.organization_id, RunStatus.DIALING)
    lose(install, tenant, run.id)
    reply = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert (reply.status_code, reply.json()) == (
        200,
        {"status": "initiated", "workflow_run_id": run.id, "workflow_run_name": run.name},
    )
    assert install.carrier.asked == []


def test_a_lost_request_whose_run_waits_is_answered_as_queued(install: Install, tenant: Tenant) -> None:
    run = a_run(install, tenant.organization_id, RunStatus.QUEUED)
    lose(install, tenant, run.id)
    reply = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert (reply.status_code, reply.json()["status"]) == (202, "queued")
    assert reply.headers["preference-applied"] == "respond-async"
    assert install.carrier.asked == []


def test_a_lost_request_without_a_run_places_the_call_under_its_id(install: Install, tenant: Tenant) -> None:
    run_id = new_run_id(system_clock())
    lose(install, tenant, run_id)
    reply = post_trigger(install, tenant, Idempotency_Key=KEY)
    run = install.store.runs.get(tenant.organization_id, run_id)
    assert (reply.status_code, reply.json()["workflow_run_id"]) == (200, run_id)
    assert run.initial_context["workflow_run_id"] == run_id
    assert len(install.carrier.asked) == 1


def test_a_lost_request_whose_run_nobody_dialled_is_placed_anew(install: Install, tenant: Tenant) -> None:
    run = a_run(install, tenant.organization_id, RunStatus.DIALING)
    given_up = failed_by(run, StorageError("It could not be stored.", code=NOT_DIALLED))
    install.store.runs.advance(given_up, RunStatus.FAILED)
    lose(install, tenant, run.id)
    reply = post_trigger(install, tenant, Idempotency_Key=KEY)
    assert reply.status_code == 200
    assert reply.json()["workflow_run_id"] != run.id
    assert post_trigger(install, tenant, Idempotency_Key=KEY).json() == reply.json()
    assert len(install.carrier.asked) == 1


def test_an_id_that_another_organization_has_is_changed(install: Install, tenant: Tenant) -> None:
    taken = a_run(install, f"{tenant.organization_id}-b", RunStatus.DIALING)
    lose(install, tenant, taken.id)
    reply = post_trigger(install, tenant, Idempotency_Key=KEY)
    run_id = reply.json()["workflow_run_id"]
    assert reply.status_code == 200
    assert run_id != taken.id
    assert install.store.ledgers.get(tenant.organization_id).live == {run_id}
    assert install.store.runs.get(tenant.organization_id, run_id).initial_context["workflow_run_id"] == run_id
    assert held_claim(install, tenant).resource_id == str(run_id)


def test_an_id_that_another_run_of_the_organization_has_leaves_that_run_its_place(
    install: Install, tenant: Tenant
) -> None:
    first = post_trigger(install, tenant).json()["workflow_run_id"]
    second = first + 1
    number = RunNumber(run_id=first, another=lambda: second)
    run = place(install, tenant, make_trigger(install.ports).placer, number=number)
    assert run.id == second
    assert install.store.ledgers.get(tenant.organization_id).live == {first, second}


def a_run(install: Install, organization_id: str, status: RunStatus) -> Run:
    run = make_run(organization_id, id=new_run_id(system_clock()), status=status)
    install.store.runs.create(run)
    return run


def held_claim(install: Install, tenant: Tenant) -> Claim:
    """Return who holds the key."""
    probe = Claim(
        organization_id=tenant.organization_id,
        key=KEY,
        fingerprint="",
        resource_id="",
        attempt="probe",
        claimed_at=system_clock(),
    )
    return install.store.idempotency.claim(probe)


def lose(install: Install, tenant: Tenant, run_id: int) -> None:
    """Leave the key as a process leaves it that died in the middle, a while ago."""
    # Such a failure is kept under the key, so that the fingerprint of the request can be read there.
    install.carrier.answer = Answer(status=502)
    post_trigger(install, tenant, Idempotency_Key=KEY)
    install.carrier.reset()
    held = held_claim(install, tenant)
    long_ago = system_clock() - 2 * STALE_AFTER
    lost = replace(held, resource_id=str(run_id), attempt="lost", claimed_at=long_ago, reply=None)
    install.store.idempotency.release(held)
    install.store.idempotency.claim(lost)
