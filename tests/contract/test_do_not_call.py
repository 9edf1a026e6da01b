"""DoNotCallList and DialledToday on DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.donotcall.model import EntrySource
from offhook.errors import NotFoundError
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_entry

NUMBER = "+14155550100"
TODAY = date(2026, 11, 20)


def test_an_entry_comes_back_as_it_was_and_is_nobody_elses(store: Store, organization_id: str) -> None:
    added = make_entry(organization_id, reason=None, source=EntrySource.CALL, added_by=None, run_id=2**52)
    assert store.do_not_call.add(added) == added
    assert store.do_not_call.get(organization_id, NUMBER) == added
    with pytest.raises(NotFoundError):
        store.do_not_call.get(f"not-{organization_id}", NUMBER)
    assert not store.do_not_call.has(f"not-{organization_id}", NUMBER)


def test_the_first_entry_of_a_number_stays(store: Store, organization_id: str) -> None:
    first = store.do_not_call.add(make_entry(organization_id))
    later = make_entry(organization_id, reason="Asked again.", added_at=NOON + timedelta(days=1))
    assert store.do_not_call.add(later) == first
    assert store.do_not_call.add_all(organization_id, [later]) == 0
    assert store.do_not_call.get(organization_id, NUMBER) == first


def test_a_number_that_is_taken_off_can_be_put_on_again(store: Store, organization_id: str) -> None:
    store.do_not_call.add(make_entry(organization_id))
    store.do_not_call.remove(organization_id, NUMBER)
    with pytest.raises(NotFoundError):
        store.do_not_call.remove(organization_id, NUMBER)
    assert not store.do_not_call.has(organization_id, NUMBER)
    assert store.do_not_call.add(make_entry(organization_id, reason="Again.")).reason == "Again."


def test_a_lost_reply_is_no_refusal(lossy_store: Store, organization_id: str) -> None:
    added = make_entry(organization_id)
    assert lossy_store.do_not_call.add(added) == added
    lossy_store.do_not_call.remove(organization_id, NUMBER)
    assert not lossy_store.do_not_call.has(organization_id, NUMBER)
    for _ in range(2):
        assert lossy_store.dialled_today.take(organization_id, NUMBER, TODAY, 1, most=1)


def test_many_are_added_with_few_requests_and_listed_page_by_page(store: Store, organization_id: str) -> None:
    entries = [make_entry(organization_id, f"+1415555{n:04d}") for n in range(130)]
    store.do_not_call.add(entries[7])
    with requests(store) as sent:
        # One stands there twice, and one is known.
        assert store.do_not_call.add_all(organization_id, [*entries, entries[3]]) == 129
    assert sent == ["BatchGetItem"] * 2 + ["BatchWriteItem"] * 6
    found, after = [], None
    while True:
        page, after = store.do_not_call.list(organization_id, limit=60, after=after)
        found += page
        if after is None:
            break
    assert found == entries
    assert store.do_not_call.add_all(organization_id, []) == 0


def test_a_sip_address_that_dials_a_number_is_found_by_the_number(store: Store, organization_id: str) -> None:
    store.do_not_call.add(make_entry(organization_id))
    store.do_not_call.add(make_entry(organization_id, "sip:desk@pbx.example.com"))
    for address in (
        NUMBER,
        "sip:+14155550100@carrier.example.net",
        "sips:%2B14155550100@carrier.example.net:5061;transport=tls",
        "sip:14155550100@carrier.example.net",
        "SIP:desk@PBX.example.com:5060",
    ):
        assert store.do_not_call.has(organization_id, address), address
    for address in ("+14155550101", "sip:4155550100@pbx.example.com", "sip:desk@other.example.com"):
        assert not store.do_not_call.has(organization_id, address), address


def test_a_number_is_asked_for_with_one_read(store: Store, organization_id: str) -> None:
    with requests(store) as sent:
        store.do_not_call.has(organization_id, NUMBER)
    assert sent == ["GetItem"]


def test_a_number_is_called_as_often_in_a_day_as_it_may_be(store: Store, organization_id: str) -> None:
    def take(run_id: int) -> bool:
        return store.dialled_today.take(organization_id, NUMBER, TODAY, run_id, most=3)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(1, 9)))
    assert taken.count(True) == 3
    counted = taken.index(True) + 1
    # Whoever is counted may ask again, and gives its place to another.
    assert take(counted)
    assert not take(99)
    for _ in range(2):
        store.dialled_today.give_back(organization_id, NUMBER, TODAY, counted)
    assert take(99)
    assert not take(counted)
    with requests(store) as sent:
        assert store.dialled_today.take(organization_id, NUMBER, TODAY + timedelta(days=1), 99, most=1)
    assert sent == ["UpdateItem"]
    assert store.dialled_today.take(f"not-{organization_id}", NUMBER, TODAY, 1, most=1)
    assert not store.dialled_today.take(organization_id, "+14155550101", TODAY, 1, most=0)
    store.dialled_today.give_back(organization_id, "+14155550102", TODAY, 1)
