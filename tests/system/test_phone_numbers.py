"""Phone numbers of a configuration over HTTP: kept, confirmed by the carrier, and answered by whom they name."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

import pytest

from tests.support.carrier import Answer, Asked, Silence
from tests.support.configurations import add_number, create, problem, send, trigger
from tests.support.rest import BEARER_TOKEN, Install, Tenant
from tests.support.triggers import post_trigger


def test_a_number_is_added_shown_changed_and_removed(install: Install, tenant: Tenant) -> None:
    path = f"/{tenant.configuration_id}/phone-numbers"
    made = add_number(
        install,
        tenant,
        tenant.configuration_id,
        address=" +1 (415) 555-0100 ",
        label="Front desk",
        inbound_agent_uuid=tenant.agent_uuid,
    )
    assert made == {
        "id": made["id"],
        "telephony_configuration_id": tenant.configuration_id,
        "address": "+14155550100",
        "label": "Front desk",
        "inbound_agent_uuid": tenant.agent_uuid,
        "is_default_caller": False,
        "created_at": made["created_at"],
        "verified_at": made["created_at"],
    }
    assert send(install, tenant, "GET", f"{path}/{made['id']}").json() == made
    changed = send(install, tenant, "PUT", f"{path}/{made['id']}", {"inbound_agent_uuid": None}).json()
    assert changed == {**made, "inbound_agent_uuid": None, "verified_at": changed["verified_at"]}
    reply = send(install, tenant, "POST", f"{path}/{made['id']}/set-default-caller")
    assert reply.json() == {**changed, "is_default_caller": True}
    listed = send(install, tenant, "GET", path).json()["items"]
    assert [(item["id"], item["is_default_caller"]) for item in listed] == [
        (made["id"], True),
        (tenant.number_id, False),
    ]
    assert trigger(install, tenant) == (200, "+14155550100")
    assert send(install, tenant, "DELETE", f"{path}/{made['id']}").status_code == 204
    assert problem(send(install, tenant, "DELETE", f"{path}/{made['id']}")) == (404, "not-found")
    assert trigger(install, tenant) == (200, tenant.caller_number)


def has_dnid(*numbers: str) -> Callable[[Asked], Answer | None]:
    """Have the carrier confirm these numbers and no other."""

    def answer(asked: Asked) -> Answer | None:
        if "/dnids/" not in asked.path:
            return None
        return Answer(status=200 if unquote(asked.path.rpartition("/")[2]) in numbers else 404, body={})

    return answer


@pytest.mark.parametrize(
    "word", [Answer(status=404), Answer(status=429), Answer(status=500), Silence.UNANSWERED]
)
def test_a_number_that_the_carrier_does_not_confirm_opens_no_country(
    install: Install, tenant: Tenant, word: Answer | Silence
) -> None:
    abroad = {"phone_number": "+447700900123"}
    install.carrier.answer_to = lambda asked: word if "/dnids/" in asked.path else None
    made = add_number(install, tenant, tenant.configuration_id, address="+442079460000")
    assert made["verified_at"] is None
    refused = post_trigger(install, tenant, abroad)
    assert problem(refused) == (403, "destination-not-allowed")
    # Its owner has it added at the carrier, and has us ask again.
    install.carrier.answer_to = has_dnid("+442079460000")
    path = f"/{tenant.configuration_id}/phone-numbers/{made['id']}"
    assert send(install, tenant, "PUT", path, {}).json()["verified_at"] is not None
    assert post_trigger(install, tenant, abroad).status_code == 200


def test_what_the_carrier_takes_back_counts_no_more_and_its_silence_takes_nothing_back(
    install: Install, tenant: Tenant
) -> None:
    path = f"/{tenant.configuration_id}/phone-numbers/{tenant.number_id}"
    install.carrier.answer_to = lambda asked: Silence.UNANSWERED if "/dnids/" in asked.path else None
    assert send(install, tenant, "PUT", path, {"label": "Desk"}).json()["verified_at"] is not None
    install.carrier.answer_to = has_dnid()
    assert send(install, tenant, "PUT", path, {}).json()["verified_at"] is None
    assert problem(post_trigger(install, tenant)) == (403, "destination-not-allowed")


def test_what_others_change_while_the_carrier_is_asked_stays(install: Install, tenant: Tenant) -> None:
    made = add_number(install, tenant, tenant.configuration_id, address="+12025550144")
    stored = install.store.telephony
    number = stored.get_number(tenant.organization_id, tenant.configuration_id, made["id"])

    def set_default(asked: Asked) -> None:
        if "/dnids/" in asked.path:
            stored.update_number(replace(number, is_default_caller=True))

    install.carrier.answer_to = set_default
    path = f"/{tenant.configuration_id}/phone-numbers/{made['id']}"
    assert send(install, tenant, "PUT", path, {"label": "Desk"}).status_code == 200
    shown = send(install, tenant, "GET", path).json()
    assert (shown["label"], shown["is_default_caller"]) == ("Desk", True)


def test_a_dnid_may_be_written_without_the_plus(install: Install, tenant: Tenant) -> None:
    install.carrier.answer_to = has_dnid("442079460000")
    made = add_number(install, tenant, tenant.configuration_id, address="+442079460000")
    assert made["verified_at"] is not None
    asked = [each for each in install.carrier.asked if "/dnids/" in each.path]
    assert [(each.method, each.authorization) for each in asked] == [("GET", f"Bearer {BEARER_TOKEN}")] * 2


def test_the_numbers_of_another_account_are_not_those_of_this_one(install: Install, tenant: Tenant) -> None:
    one = f"/{tenant.configuration_id}"
    made = add_number(install, tenant, tenant.configuration_id, address="+12025550144")
    assert made["verified_at"] is not None
    other = {"credentials": {"domain_id": f"other-{tenant.organization_id}"}}
    assert send(install, tenant, "PUT", one, other).status_code == 200
    shown = send(install, tenant, "GET", f"{one}/phone-numbers").json()["items"]
    assert [number["verified_at"] for number in shown] == [None, None]
    assert problem(post_trigger(install, tenant)) == (403, "destination-not-allowed")


def test_numbers_page_and_go_with_their_configuration(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant)
    path = f"/{made['id']}/phone-numbers"
    for address in ("+12025550181", "+12025550182", "sips:Desk@PBX.Example.com:5061"):
        add_number(install, tenant, made["id"], address=address)
    first = send(install, tenant, "GET", f"{path}?limit=2").json()
    assert [item["address"] for item in first["items"]] == ["sips:Desk@pbx.example.com", "+12025550182"]
    second = send(install, tenant, "GET", f"{path}?limit=2&cursor={first['next_cursor']}").json()
    assert ([item["address"] for item in second["items"]], second["next_cursor"]) == (
        ["+12025550181"],
        None,
    )
    assert send(install, tenant, "DELETE", f"/{made['id']}").status_code == 204
    assert problem(send(install, tenant, "GET", path)) == (404, "not-found")
    profile = install.store.telephony.outbound_profile(tenant.organization_id)
    assert [number.id for number in profile.numbers] == [tenant.number_id]


def test_an_address_is_in_a_configuration_once(install: Install, tenant: Tenant) -> None:
    body = {"address": f"{tenant.caller_number[:5]} {tenant.caller_number[5:]}"}
    reply = send(install, tenant, "POST", f"/{tenant.configuration_id}/phone-numbers", body)
    assert problem(reply) == (409, "phone-number-taken")
    other = create(install, tenant)
    add_number(install, tenant, other["id"], **body)


@pytest.mark.parametrize(
    "address", ["", "4155550100", "+0", "tel:+14155550100", "sip:", "sip:@x", "+1" * 20, "x" * 401, "desk"]
)
def test_an_address_that_cannot_be_dialled_is_422(install: Install, tenant: Tenant, address: str) -> None:
    path = f"/{tenant.configuration_id}/phone-numbers"
    reply = send(install, tenant, "POST", path, {"address": address})
    assert problem(reply) == (422, "invalid-request")
    assert reply.json()["errors"][0]["loc"] == ["body", "address"]


def test_only_an_agent_of_the_organization_answers(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    path = f"/{tenant.configuration_id}/phone-numbers"
    for agent_uuid in (other.agent_uuid, "no-such-agent"):
        for method, where, body in (
            ("POST", path, {"address": "+12025550188"}),
            ("PUT", f"{path}/{tenant.number_id}", {}),
        ):
            reply = send(install, tenant, method, where, {**body, "inbound_agent_uuid": agent_uuid})
            assert problem(reply) == (422, "agent-not-found")
            assert reply.json()["errors"][0]["loc"] == ["body", "inbound_agent_uuid"]
    (number,) = install.store.telephony.list_numbers(tenant.organization_id, tenant.configuration_id)
    assert number.inbound_agent_uuid is None
