"""TelephonyRepository on DynamoDB."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, NotFoundError
from offhook.ids import new_uuid
from offhook.telephony.model import PhoneNumber, Provider, TelephonyConfiguration
from tests.support.makers import NOON


def make_configuration(organization_id: str) -> TelephonyConfiguration:
    return TelephonyConfiguration(
        id=new_uuid(),
        organization_id=organization_id,
        name="Main",
        provider=Provider.CLOUDONIX,
        cloudonix_domain="acme.cloudonix.net",
        sealed_bearer_token="sealed",
        is_default=False,
        created_at=NOON,
    )


def make_number(configuration: TelephonyConfiguration, address: str) -> PhoneNumber:
    return PhoneNumber(
        id=new_uuid(),
        configuration_id=configuration.id,
        organization_id=configuration.organization_id,
        address=address,
    )


def test_a_configuration_comes_back_as_it_was_stored(store: Store, organization_id: str) -> None:
    configuration = make_configuration(organization_id)
    store.telephony.add(configuration)
    assert store.telephony.get(organization_id, configuration.id) == configuration


def test_another_organizations_configuration_is_not_found(store: Store, organization_id: str) -> None:
    configuration = make_configuration(organization_id)
    store.telephony.add(configuration)
    with pytest.raises(NotFoundError):
        store.telephony.get(f"not-{organization_id}", configuration.id)
    assert store.telephony.list(f"not-{organization_id}") == []


def test_a_configuration_is_never_replaced_by_adding(store: Store, organization_id: str) -> None:
    configuration = make_configuration(organization_id)
    store.telephony.add(configuration)
    with pytest.raises(ConflictError):
        store.telephony.add(replace(configuration, name="Other"))
    assert store.telephony.get(organization_id, configuration.id) == configuration


def test_the_default_configuration_is_listed_first(store: Store, organization_id: str) -> None:
    first, second, third = (make_configuration(organization_id) for _ in range(3))
    default = replace(second, is_default=True)
    newest = replace(third, created_at=NOON + timedelta(days=1))
    for configuration in (first, default, newest):
        store.telephony.add(configuration)
    assert store.telephony.list(organization_id) == [default, newest, first]


def test_numbers_belong_to_their_configuration_the_default_caller_first(
    store: Store, organization_id: str
) -> None:
    configuration, other = make_configuration(organization_id), make_configuration(organization_id)
    plain = replace(make_number(configuration, "+15550001111"), label="Desk", inbound_agent_uuid=new_uuid())
    default = replace(make_number(configuration, "+15550002222"), is_default_caller=True)
    for number in (plain, default, make_number(other, "+15550003333")):
        store.telephony.add_number(number)
    assert store.telephony.list_numbers(organization_id, configuration.id) == [default, plain]
    assert store.telephony.list_numbers(f"not-{organization_id}", configuration.id) == []
    assert store.telephony.list(organization_id) == []


def test_a_number_is_never_replaced_by_adding(store: Store, organization_id: str) -> None:
    number = make_number(make_configuration(organization_id), "+15550001111")
    store.telephony.add_number(number)
    with pytest.raises(ConflictError):
        store.telephony.add_number(number)
