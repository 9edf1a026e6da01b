"""The Carrier port over Cloudonix' REST, against a carrier on a real socket."""

from collections.abc import Iterator

import pytest

from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.errors import CarrierError
from offhook.telephony.instructions import HangUp
from offhook.telephony.ports import CALL_GONE, CARRIER_UNANSWERED, CarrierAccount, DialRequest
from tests.support.carrier import Answer, ScriptedCarrier, Silence, at_first
from tests.support.cloudonix import make_account
from tests.support.peers import nobody

ACCOUNT = make_account("acme", "XI-secret")


@pytest.fixture
def carrier() -> Iterator[ScriptedCarrier]:
    with ScriptedCarrier().serving() as carrier:
        yield carrier


@pytest.fixture
def client(carrier: ScriptedCarrier) -> Iterator[CloudonixClient]:
    client = CloudonixClient(carrier.url, read_timeout_s=0.3)
    yield client
    client.close()


REQUEST = DialRequest(
    called_number="+14155550123",
    caller_number="+12025550100",
    instruction=HangUp(),
    status_url="https://voice.example.net/callback",
)
HUNG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'


def dial(client: CloudonixClient, account: CarrierAccount = ACCOUNT) -> str:
    return client.dial(account, REQUEST)


def failure_of_dial(client: CloudonixClient) -> CarrierError:
    with pytest.raises(CarrierError) as caught:
        dial(client)
    assert "XI-secret" not in str(caught.value)
    assert "4155550123" not in str(caught.value)
    return caught.value


def test_a_dial_returns_the_session_token(carrier: ScriptedCarrier, client: CloudonixClient) -> None:
    assert dial(client) == "sess-0f3b"
    (asked,) = carrier.asked
    assert (asked.method, asked.path) == ("POST", "/calls/acme.cloudonix.net/application")
    assert asked.authorization == "Bearer XI-secret"
    assert asked.body == {
        "destination": "+14155550123",
        "caller-id": "+12025550100",
        "cxml": HUNG_UP,
        "callback": "https://voice.example.net/callback",
    }


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 301])
def test_a_refusal_certainly_did_nothing(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int
) -> None:
    carrier.answer = Answer(status=status, body={"message": "number +14155550123 is barred, key XI-secret"})
    error = failure_of_dial(client)
    assert (error.code, error.may_have_acted, error.retry_after_seconds) == ("carrier-refused", False, None)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("3", 3), ("0", 1), ("soon", 10), ("-5", 10), ("99999999999", 3600), (None, 10)],
)
def test_a_busy_carrier_says_how_long_to_wait(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int, retry_after: str | None, seconds: int
) -> None:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    carrier.answer = Answer(status=status, headers=headers)
    error = failure_of_dial(client)
    assert (error.code, error.may_have_acted, error.retry_after_seconds) == ("carrier-busy", False, seconds)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failing_carrier_may_have_dialled(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int
) -> None:
    carrier.answer = Answer(status=status)
    error = failure_of_dial(client)
    assert (error.code, error.may_have_acted) == ("carrier-failed", True)


@pytest.mark.parametrize(
    "answer",
    [
        Silence.UNANSWERED,
        Silence.DROPPED,
        Answer(status=200),
        Answer(status=200, body={"token": ""}),
        Answer(status=200, body={"token": 5}),
        Answer(status=200, body=["token"]),
    ],
)
def test_silence_after_sending_leaves_the_outcome_open(
    carrier: ScriptedCarrier, client: CloudonixClient, answer: Answer | Silence
) -> None:
    carrier.answer = answer
    error = failure_of_dial(client)
    assert (error.code, error.may_have_acted) == (CARRIER_UNANSWERED, True)
    assert len(carrier.asked) == 1


def test_a_carrier_that_is_not_there_was_sent_nothing() -> None:
    with nobody() as unused:
        client = CloudonixClient(unused.url)
        error = failure_of_dial(client)
        client.close()
    assert (error.code, error.may_have_acted) == ("carrier-unreachable", False)


@pytest.mark.parametrize("status", [200, 204, 404])
def test_a_hang_up_is_done_when_the_call_is_gone(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int
) -> None:
    carrier.answer = Answer(status=status)
    client.hang_up(ACCOUNT, "sess/../0f3b")
    (asked,) = carrier.asked
    expected = "/customers/self/domains/acme.cloudonix.net/sessions/sess%2F..%2F0f3b"
    assert (asked.method, asked.path, asked.body) == ("DELETE", expected, None)


@pytest.mark.parametrize("call_id", ["", ".", "..", "..."])
def test_a_call_id_that_leads_elsewhere_is_of_no_call(
    carrier: ScriptedCarrier, client: CloudonixClient, call_id: str
) -> None:
    carrier.answer = Answer(status=200)
    with pytest.raises(CarrierError) as caught:
        client.is_live(ACCOUNT, call_id)
    assert caught.value.code == CALL_GONE
    assert carrier.asked == []


def test_a_hang_up_that_fails_says_so(carrier: ScriptedCarrier, client: CloudonixClient) -> None:
    carrier.answer = Answer(status=500)
    with pytest.raises(CarrierError):
        client.hang_up(ACCOUNT, "sess-0f3b")


def test_verifying_asks_for_the_domain_with_its_token(
    carrier: ScriptedCarrier, client: CloudonixClient
) -> None:
    carrier.answer = Answer(status=200, body={"uuid": "d0a1"})
    client.verify(ACCOUNT)
    (asked,) = carrier.asked
    assert (asked.method, asked.path) == ("GET", "/customers/self/domains/acme.cloudonix.net")
    assert asked.authorization == "Bearer XI-secret"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=401), "carrier-refused"),
        (Answer(status=403), "carrier-refused"),
        (Answer(status=404), "carrier-refused"),
        (Answer(status=204), "carrier-refused"),
        (Answer(status=301), "carrier-refused"),
        (Answer(status=429), "carrier-busy"),
        (Answer(status=500), "carrier-failed"),
        (Silence.DROPPED, CARRIER_UNANSWERED),
    ],
)
def test_anything_but_200_verifies_nothing(
    carrier: ScriptedCarrier, client: CloudonixClient, answer: Answer | Silence, code: str
) -> None:
    carrier.answer = answer
    with pytest.raises(CarrierError) as caught:
        client.verify(ACCOUNT)
    assert caught.value.code == code
    assert "XI-secret" not in str(caught.value)


def test_a_token_that_no_header_can_carry_is_a_carrier_error(client: CloudonixClient) -> None:
    with pytest.raises(CarrierError) as caught:
        dial(client, make_account("acme", "XI\r\nX-Evil: 1"))
    assert not caught.value.may_have_acted


SESSION_PATH = "/customers/self/domains/acme.cloudonix.net/sessions/sess-0f3b"


@pytest.mark.parametrize(("status", "is_live"), [(200, True), (404, False)])
def test_a_call_is_live_when_the_carrier_shows_it(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int, is_live: bool
) -> None:
    carrier.answer = Answer(status=status, body={"token": "sess-0f3b"})
    assert client.is_live(ACCOUNT, "sess-0f3b") is is_live
    (asked,) = carrier.asked
    assert (asked.method, asked.path, asked.body) == ("GET", SESSION_PATH, None)
    assert asked.authorization == "Bearer XI-secret"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=401), "carrier-refused"),
        (Answer(status=204), "carrier-refused"),
        (Answer(status=429), "carrier-busy"),
        (Answer(status=500), "carrier-failed"),
        (Silence.UNANSWERED, CARRIER_UNANSWERED),
    ],
)
def test_whether_a_call_is_live_is_not_guessed(
    carrier: ScriptedCarrier, client: CloudonixClient, answer: Answer | Silence, code: str
) -> None:
    carrier.answer = answer
    with pytest.raises(CarrierError) as caught:
        client.is_live(ACCOUNT, "sess-0f3b")
    assert caught.value.code == code
    assert len(carrier.asked) == 1


@pytest.mark.parametrize("call_id", ["", ".", ".."])
def test_a_name_that_leads_elsewhere_is_asked_for_nowhere(
    carrier: ScriptedCarrier, client: CloudonixClient, call_id: str
) -> None:
    with pytest.raises(CarrierError) as caught:
        client.is_live(ACCOUNT, call_id)
    assert (caught.value.code, carrier.asked) == (CALL_GONE, [])


@pytest.mark.parametrize("status", [200, 202])
def test_a_switch_sends_the_document_to_the_call(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int
) -> None:
    carrier.answer = Answer(status=status)
    client.switch(ACCOUNT, "sess-0f3b", HangUp())
    (asked,) = carrier.asked
    path = "/calls/acme.cloudonix.net/sessions/sess-0f3b/application"
    assert (asked.method, asked.path) == ("POST", path)
    assert asked.body == {"cxml": HUNG_UP}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=404), CALL_GONE),
        (Answer(status=400), "carrier-refused"),
        (Answer(status=503), "carrier-busy"),
        (Answer(status=502), "carrier-failed"),
        (Silence.DROPPED, CARRIER_UNANSWERED),
    ],
)
def test_a_switch_that_fails_says_how_and_is_not_repeated(
    carrier: ScriptedCarrier, client: CloudonixClient, answer: Answer | Silence, code: str
) -> None:
    carrier.answer = answer
    with pytest.raises(CarrierError) as caught:
        client.switch(ACCOUNT, "sess-0f3b", HangUp())
    assert caught.value.code == code
    assert len(carrier.asked) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_does_no_harm_twice_is_asked_once_more(
    carrier: ScriptedCarrier, client: CloudonixClient, status: int
) -> None:
    carrier.answer_to = at_first(Answer(status=status))
    carrier.answer = Answer(status=200)
    assert client.is_live(ACCOUNT, "sess-0f3b")
    carrier.answer_to = at_first(Answer(status=status))
    client.hang_up(ACCOUNT, "sess-0f3b")
    assert [asked.method for asked in carrier.asked] == ["GET", "GET", "DELETE", "DELETE"]


def test_it_is_asked_no_third_time_and_not_before_the_time_that_the_carrier_names(
    carrier: ScriptedCarrier, client: CloudonixClient
) -> None:
    carrier.answer = Answer(status=504)
    with pytest.raises(CarrierError):
        client.is_live(ACCOUNT, "sess-0f3b")
    assert len(carrier.asked) == 2
    carrier.answer = Answer(status=503, headers={"Retry-After": "2"})
    with pytest.raises(CarrierError) as caught:
        client.is_live(ACCOUNT, "sess-0f3b")
    assert (caught.value.retry_after_seconds, len(carrier.asked)) == (2, 3)


def test_a_dial_is_never_repeated(carrier: ScriptedCarrier, client: CloudonixClient) -> None:
    carrier.answer_to = at_first(Answer(status=502))
    assert failure_of_dial(client).may_have_acted
    assert len(carrier.asked) == 1
