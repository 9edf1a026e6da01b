"""The Carrier port at the carrier's pace: who waits, who does not, and what counts."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from offhook.adapters.carriers.paced import PacedCarrier
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.dynamodb.store import Store
from offhook.errors import CarrierError, StorageError
from offhook.telephony.instructions import HangUp
from offhook.telephony.pace import RequestKind
from offhook.telephony.ports import CarrierAccount, DialPace, DialRequest
from tests.support.backstage import HandSetClock
from tests.support.carrier import Answer, ScriptedCarrier
from tests.support.cloudonix import carriers_of, make_account


class Away:
    """A pace whose store is away."""

    def wait_seconds(self, *_: object) -> int:
        raise StorageError("DynamoDB did not answer in time.")

    def give_back(self, *_: object) -> None:
        raise StorageError("DynamoDB did not answer in time.")

    def note(self, *_: object) -> None:
        raise StorageError("DynamoDB did not answer in time.")


@pytest.fixture
def carrier() -> Iterator[ScriptedCarrier]:
    with ScriptedCarrier().serving() as carrier:
        yield carrier


@pytest.fixture
def client(carrier: ScriptedCarrier) -> Iterator[CloudonixClient]:
    client = CloudonixClient(carrier.url, read_timeout_s=2)
    yield client
    client.close()


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
def account(organization_id: str) -> CarrierAccount:
    return make_account(organization_id, "XI-secret")


def dial(paced: PacedCarrier, account: CarrierAccount) -> str:
    request = DialRequest(
        called_number="+14155550123", caller_number="+12025550100", instruction=HangUp(), status_url=""
    )
    return paced.dial(account, request)


def places_left(pace: DialPace, account: CarrierAccount, clock: HandSetClock) -> int:
    left = 0
    while not pace.wait_seconds(account.pace_name, clock(), RequestKind.CHECK):
        left += 1
    return left


def test_checks_go_eight_in_ten_seconds_and_then_the_carrier_is_not_asked(
    store: Store,
    carrier: ScriptedCarrier,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock)
    for _ in range(7):
        assert paced.is_live(account, "sess-0f3b")
    paced.verify(account)
    with pytest.raises(CarrierError) as caught:
        paced.is_live(account, "sess-0f3b")
    assert (caught.value.code, caught.value.retry_after_seconds) == ("carrier-busy", 10)
    assert not caught.value.may_have_acted
    assert len(carrier.asked) == 8
    clock.move(seconds=10)
    assert paced.is_live(account, "sess-0f3b")


def test_a_number_that_the_carrier_is_asked_for_in_two_spellings_counts_as_two_requests(
    store: Store,
    carrier: ScriptedCarrier,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock)
    carrier.answer = Answer(status=404)
    for _ in range(4):
        assert not paced.has_number(account, "+14155550100")
    with pytest.raises(CarrierError) as refused:
        paced.has_number(account, "+14155550100")
    assert (refused.value.code, len(carrier.asked)) == ("carrier-busy", 8)


def test_hang_ups_and_switches_never_wait_and_count_for_those_who_do(
    store: Store,
    carrier: ScriptedCarrier,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock)
    for _ in range(6):
        paced.hang_up(account, "sess-0f3b")
    for _ in range(6):
        paced.switch(account, "sess-0f3b", HangUp())
    assert len(carrier.asked) == 12
    with pytest.raises(CarrierError):
        paced.is_live(account, "sess-0f3b")


def test_a_request_that_fails_counts_as_well(
    store: Store,
    carrier: ScriptedCarrier,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock)
    carrier.answer = Answer(status=500)
    with pytest.raises(CarrierError):
        paced.hang_up(account, "sess-0f3b")
    assert places_left(store.pace, account, clock) == 7


@pytest.mark.parametrize(("paces_dials", "left"), [(False, 8), (True, 7)])
def test_a_dial_counts_where_nobody_else_counts_it(
    store: Store,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
    paces_dials: bool,
    left: int,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock, paces_dials=paces_dials)
    assert dial(paced, account) == "sess-0f3b"
    assert places_left(store.pace, account, clock) == left


def test_a_dial_that_is_paced_leaves_room_for_hang_ups(
    store: Store,
    carrier: ScriptedCarrier,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock, paces_dials=True)
    while not store.pace.wait_seconds(account.pace_name, clock(), RequestKind.DIAL):
        dial(paced, account)
    with pytest.raises(CarrierError) as refused:
        dial(paced, account)
    assert refused.value.code == "carrier-busy"
    before = len(carrier.asked)
    paced.hang_up(account, "sess-0f3b")
    assert len(carrier.asked) == before + 1


def test_a_check_waits_as_long_as_its_patience(
    store: Store, carrier: ScriptedCarrier, client: CloudonixClient, account: CarrierAccount
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, patience_s=3)
    past = paced._clock() - timedelta(seconds=8.5)
    for _ in range(8):
        store.pace.note(account.pace_name, past)
    assert paced.is_live(account, "sess-0f3b")
    assert len(carrier.asked) == 1


def test_an_id_that_is_not_proved_waits_for_no_place_and_takes_none_from_those_that_are(
    store: Store,
    carrier: ScriptedCarrier,
    client: CloudonixClient,
    clock: HandSetClock,
    account: CarrierAccount,
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock, patience_s=60)
    carrier.answer = Answer(status=404)
    for _ in range(3):
        assert not paced.is_live(account, "sess-0f3b", is_proved=False)
    begun_s = time.monotonic()
    with pytest.raises(CarrierError) as refused:
        paced.is_live(account, "sess-0f3b", is_proved=False)
    assert (refused.value.code, refused.value.retry_after_seconds) == ("carrier-busy", 10)
    assert time.monotonic() - begun_s < 5
    assert len(carrier.asked) == 3
    assert places_left(store.pace, account, clock) == 5


def test_ids_that_turn_out_to_be_of_calls_go_at_the_pace_of_checks(
    store: Store, client: CloudonixClient, clock: HandSetClock, account: CarrierAccount
) -> None:
    paced = PacedCarrier(carriers_of(client), store.pace, clock=clock)
    assert [paced.is_live(account, "sess-0f3b", is_proved=False) for _ in range(8)] == [True] * 8
    with pytest.raises(CarrierError):
        paced.is_live(account, "sess-0f3b", is_proved=False)


def test_a_pace_that_is_away_holds_nobody_up(
    carrier: ScriptedCarrier, client: CloudonixClient, account: CarrierAccount
) -> None:
    paced = PacedCarrier(carriers_of(client), Away())
    assert paced.is_live(account, "sess-0f3b")
    assert paced.is_live(account, "sess-0f3b", is_proved=False)
    paced.hang_up(account, "sess-0f3b")
    assert [asked.method for asked in carrier.asked] == ["GET", "GET", "DELETE"]
