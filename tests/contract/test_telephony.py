"""TelephonyRepository on DynamoDB."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, NotFoundError
from offhook.ids import new_uuid
from offhook.organizations.limits import Limits
from offhook.settings import Settings
from offhook.telephony.model import SealedSecret, TelephonyConfiguration
from tests.support.cloudonix import make_configuration
from tests.support.makers import NOON, make_number


@pytest.fixture
def configuration(store: Store, organization_id: str) -> TelephonyConfiguration:
    """Return a stored configuration."""
    configuration = make_configuration(organization_id)
    store.telephony.add(configuration)
    return configuration


def at_once(*works: Callable[[], None]) -> list[str]:
    """Do all at the same moment; return the codes of those that were refused."""
    barrier = threading.Barrier(len(works))

    def do(work: Callable[[], None]) -> str | None:
        barrier.wait(timeout=10)
        try:
            work()
        except ConflictError as error:
            return error.code
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return [code for code in pool.map(do, works) if code is not None]


def test_a_configuration_comes_back_as_it_was_stored(store: Store, organization_id: str) -> None:
    plain = make_configuration(organization_id)
    whole = replace(
        make_configuration(organization_id),
        secrets={"bearer_token": SealedSecret(sealed="sealed", hint="1234")},
        options={"application_name": "voice"},
        webhook_key=SealedSecret(sealed="sealed too", hint="5678"),
        is_default=True,
        updated_at=NOON + timedelta(seconds=1),
        verified_at=NOON + timedelta(seconds=2),
    )
    other = replace(
        make_configuration(organization_id),
        provider="pigeon",
        account="loft-7",
        secrets={"user": SealedSecret(sealed="one", hint="ada1"), "password": SealedSecret(sealed="two")},
        options={"breed": "racing"},
    )
    for configuration in (plain, whole, other):
        store.telephony.add(configuration)
        assert store.telephony.get(organization_id, configuration.id) == configuration


def test_another_organizations_configuration_is_not_found(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    with pytest.raises(NotFoundError):
        store.telephony.get(f"not-{organization_id}", configuration.id)
    assert store.telephony.list(f"not-{organization_id}") == []


def test_a_configuration_is_never_replaced_by_adding(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
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


def test_a_new_default_takes_the_place_of_the_former(store: Store, organization_id: str) -> None:
    first, second = (make_configuration(organization_id, is_default=True) for _ in range(2))
    store.telephony.add(first)
    store.telephony.add(second)
    assert store.telephony.list(organization_id) == [second, replace(first, is_default=False)]
    former = store.telephony.get(organization_id, first.id)
    store.telephony.update(replace(former, is_default=True), former=former)
    assert store.telephony.list(organization_id) == [first, replace(second, is_default=False)]
    store.telephony.update(replace(first, is_default=False), former=first)
    assert not any(each.is_default for each in store.telephony.list(organization_id))


def test_of_many_defaults_at_once_one_stays(store: Store, organization_id: str) -> None:
    added = [make_configuration(organization_id, is_default=True) for _ in range(6)]
    at_once(*(lambda each=each: store.telephony.add(each) for each in added))
    listed = store.telephony.list(organization_id)
    assert len(listed) == 6
    assert [each.is_default for each in listed] == [True] + [False] * 5


def test_what_a_configuration_knows_of_its_provider_lies_by_the_provider_s_names(
    store: Store, storage_settings: Settings, organization_id: str
) -> None:
    item: dict[str, Any] = {
        "pk": f"ORG#{organization_id}",
        "sk": "TELEPHONY#c1",
        "kind": "telephony-configuration",
        "configuration_id": "c1",
        "organization_id": organization_id,
        "name": "Main",
        "provider": "cloudonix",
        "account": "acme.cloudonix.net",
        "secrets": '{"bearer_token": {"sealed": "sealed", "hint": "1234"}}',
        "options": '{"application_name":"voice"}',
        "webhook_key": {"sealed": "sealed too", "hint": "5678"},
        "created_at": "2026-11-20T12:00:00.123456+0000",
    }
    table = boto3.resource("dynamodb").Table(storage_settings.config_table)
    table.put_item(Item=item)
    stored = store.telephony.get(organization_id, "c1")
    assert (stored.provider, stored.account, stored.options) == (
        "cloudonix",
        "acme.cloudonix.net",
        {"application_name": "voice"},
    )
    assert stored.secrets == {"bearer_token": SealedSecret(sealed="sealed", hint="1234")}
    assert stored.webhook_key == SealedSecret(sealed="sealed too", hint="5678")
    store.telephony.remove(stored)
    store.telephony.add(stored)
    again = table.get_item(Key={"pk": item["pk"], "sk": item["sk"]})["Item"]
    assert {name: value for name, value in again.items() if name in item} == item
    assert again.keys() - item.keys() <= {"write_id"}


def test_a_change_of_what_somebody_else_has_changed_is_refused(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    theirs = replace(configuration, name="Theirs", updated_at=NOON)
    store.telephony.update(theirs, former=configuration)
    with pytest.raises(ConflictError) as caught:
        store.telephony.update(replace(configuration, name="Mine"), former=configuration)
    assert caught.value.code == "changed-meanwhile"
    assert store.telephony.get(organization_id, configuration.id) == theirs
    ours = replace(theirs, name="Ours", updated_at=NOON + timedelta(seconds=1), options={})
    store.telephony.update(ours, former=theirs)
    assert store.telephony.get(organization_id, configuration.id) == ours


def test_what_is_not_there_cannot_be_changed(store: Store, organization_id: str) -> None:
    configuration = make_configuration(organization_id)
    with pytest.raises(NotFoundError):
        store.telephony.update(replace(configuration, name="Other"), former=configuration)
    number = make_number(configuration, "+15550001111")
    with pytest.raises(NotFoundError):
        store.telephony.update_number(number)
    with pytest.raises(NotFoundError):
        store.telephony.add_number(number)
    with pytest.raises(NotFoundError):
        store.telephony.claim_account(configuration)
    assert store.telephony.outbound_profile(organization_id).numbers == ()


def test_a_domain_belongs_to_the_organization_that_claimed_it_first(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    domain = configuration.account
    other = make_configuration(f"{organization_id}-b", account=domain)
    store.telephony.add(other)
    assert store.telephony.owner_of_account("cloudonix", domain) is None
    store.telephony.claim_account(configuration)
    store.telephony.claim_account(configuration)
    assert store.telephony.owner_of_account("cloudonix", domain) == (organization_id, configuration.id)
    with pytest.raises(ConflictError) as caught:
        store.telephony.claim_account(other)
    assert caught.value.code == "domain-taken"
    store.telephony.remove(other)
    assert store.telephony.owner_of_account("cloudonix", domain) == (organization_id, configuration.id)


def test_of_two_who_claim_a_domain_at_once_one_gets_it(store: Store, organization_id: str) -> None:
    domain = f"{organization_id}.cloudonix.net"
    rivals = [make_configuration(f"{organization_id}-{letter}", account=domain) for letter in "ab"]
    for rival in rivals:
        store.telephony.add(rival)
    refused = at_once(*(lambda rival=rival: store.telephony.claim_account(rival) for rival in rivals))
    assert refused == ["domain-taken"]
    assert store.telephony.owner_of_account("cloudonix", domain) in [
        (each.organization_id, each.id) for each in rivals
    ]


def test_another_domain_releases_the_claim(store: Store, configuration: TelephonyConfiguration) -> None:
    store.telephony.claim_account(configuration)
    moved = replace(configuration, account=f"new-{configuration.account}", updated_at=NOON)
    store.telephony.update(moved, former=configuration)
    assert store.telephony.owner_of_account("cloudonix", configuration.account) is None
    with pytest.raises(ConflictError) as caught:
        store.telephony.claim_account(configuration)
    assert caught.value.code == "changed-meanwhile"


def test_removing_a_configuration_removes_its_numbers_and_its_claim(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    other = make_configuration(organization_id)
    store.telephony.add(other)
    kept = make_number(other, "+15550002222")
    store.telephony.add_number(kept)
    for ending in range(60):
        store.telephony.add_number(make_number(configuration, f"+155500011{ending:02}"))
    store.telephony.claim_account(configuration)
    store.telephony.remove(configuration)
    store.telephony.remove(configuration)
    profile = store.telephony.outbound_profile(organization_id)
    assert (profile.configurations, profile.numbers) == ((other,), (kept,))
    assert store.telephony.owner_of_account("cloudonix", configuration.account) is None


def test_a_profile_has_the_limits_and_all_lines_of_the_organization_alone(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    number = make_number(configuration, "+15550001111")
    store.telephony.add_number(number)
    store.telephony.add(make_configuration(f"{organization_id}-b"))
    limits = Limits(max_concurrent_calls=3, allowed_destinations=("+44",))
    store.organizations.set_limits(organization_id, limits)
    profile = store.telephony.outbound_profile(organization_id)
    assert (profile.limits, profile.configurations, profile.numbers) == (limits, (configuration,), (number,))
    nothing = store.telephony.outbound_profile(f"not-{organization_id}")
    assert (nothing.limits, nothing.configurations, nothing.numbers) == (Limits(), (), ())


def test_numbers_belong_to_their_configuration_the_default_caller_first(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    other = make_configuration(organization_id)
    store.telephony.add(other)
    plain = replace(
        make_number(configuration, "+15550001111"),
        label="Desk",
        inbound_agent_uuid=new_uuid(),
        created_at=NOON,
    )
    default = replace(make_number(configuration, "+15550002222"), is_default_caller=True)
    for number in (plain, default, make_number(other, "+15550003333")):
        store.telephony.add_number(number)
    assert store.telephony.list_numbers(organization_id, configuration.id) == [default, plain]
    assert store.telephony.get_number(organization_id, configuration.id, plain.id) == plain
    assert store.telephony.list_numbers(f"not-{organization_id}", configuration.id) == []
    with pytest.raises(NotFoundError):
        store.telephony.get_number(organization_id, other.id, plain.id)


def test_a_new_default_caller_takes_the_place_of_the_former(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    first, second = (
        replace(make_number(configuration, address), is_default_caller=True)
        for address in ("+15550001111", "+15550002222")
    )
    store.telephony.add_number(first)
    store.telephony.add_number(second)
    numbers = store.telephony.list_numbers(organization_id, configuration.id)
    assert numbers == [second, replace(first, is_default_caller=False)]
    store.telephony.update_number(replace(first, label="Front"))
    numbers = store.telephony.list_numbers(organization_id, configuration.id)
    assert numbers == [replace(first, label="Front"), replace(second, is_default_caller=False)]
    store.telephony.update_number(replace(first, is_default_caller=False))
    numbers = store.telephony.list_numbers(organization_id, configuration.id)
    assert not any(number.is_default_caller for number in numbers)
    assert {number.label for number in numbers} == {None}


def test_an_address_is_in_a_configuration_once_also_in_a_race(
    store: Store, organization_id: str, configuration: TelephonyConfiguration
) -> None:
    numbers = [make_number(configuration, "+15550001111") for _ in range(4)]
    refused = at_once(*(lambda each=each: store.telephony.add_number(each) for each in numbers))
    assert refused == ["phone-number-taken"] * 3
    (stored,) = store.telephony.list_numbers(organization_id, configuration.id)
    store.telephony.remove_number(stored)
    again = make_number(configuration, "+15550001111")
    store.telephony.add_number(again)
    store.telephony.remove_number(stored)
    with pytest.raises(ConflictError):
        store.telephony.add_number(make_number(configuration, "+15550001111"))
    assert store.telephony.list_numbers(organization_id, configuration.id) == [again]


def test_a_number_is_never_replaced_by_adding(store: Store, configuration: TelephonyConfiguration) -> None:
    number = make_number(configuration, "+15550001111")
    store.telephony.add_number(number)
    with pytest.raises(ConflictError) as caught:
        store.telephony.add_number(replace(number, address="+15550002222"))
    assert caught.value.code == "id-taken"
