"""How calls of Cloudonix are named on Agent Streams, in each of the three published forms."""

import pytest

from offhook.adapters.cloudonix.agent_streams import CloudonixStreams
from offhook.errors import InvalidInputError
from offhook.runs.carrier.streams import StreamForm
from streamer.media.events import Started
from tests.support.cloudonix import make_account

STREAMS = CloudonixStreams()
INLINE = {
    "session": "XI-1",
    "AccountSid": "Acme",
    "CallSid": "CA1",
    "callId": "SIP1",
    "from": "+15555550100",
    "to": "+15555550199",
}
START = Started(
    stream_sid="MZ1",
    call_sid="CA9",
    account_sid="acme",
    session="sess-1",
    caller="+14155550123",
    called="",
    context="outbound-api",
    custom_parameters={"name": "Ada"},
)


@pytest.mark.parametrize(
    ("form", "parameters", "missing"),
    [
        (StreamForm.INLINE, {"AccountSid": "acme", "CallSid": "CA1"}, "session"),
        (StreamForm.INLINE, {"session": "XI", "CallSid": "CA1"}, "AccountSid"),
        (StreamForm.INLINE, {"session": "XI", "AccountSid": "acme"}, "CallSid"),
        (StreamForm.INLINE, {"session": "XI", "Domain": "acme", "CallSid": "CA1"}, "AccountSid"),
        (StreamForm.ACCOUNT, {"CallSid": "CA1"}, "Domain"),
    ],
)
def test_what_a_form_lacks_is_named(form: StreamForm, parameters: dict[str, str], missing: str) -> None:
    with pytest.raises(InvalidInputError, match=f"Missing {missing} query param"):
        STREAMS.read_account(form, parameters)


def test_the_inline_form_brings_its_credentials() -> None:
    account = STREAMS.read_account(StreamForm.INLINE, INLINE)
    assert account == make_account("acme.cloudonix.net", "XI-1")
    assert "XI-1" not in repr(account)


def test_a_domain_stands_for_its_stored_credentials() -> None:
    assert STREAMS.read_account(StreamForm.ACCOUNT, {"Domain": "ACME."}) == "acme.cloudonix.net"
    assert STREAMS.read_account(StreamForm.INLINE, {"Domain": "acme"}) == "acme.cloudonix.net"


def test_a_token_without_a_key_is_not_taken() -> None:
    parameters = {"session": "XI-1", "AccountSid": "acme", "Domain": "other"}
    assert STREAMS.read_account(StreamForm.ACCOUNT, parameters) == "other.cloudonix.net"


def test_the_third_form_names_its_domain_in_the_start_message() -> None:
    assert STREAMS.read_account(StreamForm.PROVIDER, {}) is None
    call = STREAMS.read_call(StreamForm.PROVIDER, {}, START)
    assert (call.account, call.call_id, call.must_be_confirmed) == ("acme.cloudonix.net", "sess-1", True)
    assert (call.details.caller_number, call.details.called_number) == ("+14155550123", None)
    assert call.details.stamps == {"direction": "outbound", "cloudonix_context": "outbound-api"}
    assert call.details.gathered_context["cloudonix_call_sid"] == "CA9"


def test_the_addresss_words_win_over_those_of_the_start_message() -> None:
    call = STREAMS.read_call(StreamForm.INLINE, INLINE, START)
    assert (call.call_id, call.must_be_confirmed) == ("sess-1", False)
    assert (call.details.caller_number, call.details.called_number) == ("+15555550100", "+15555550199")
    assert call.details.stamps == {"call_id": "SIP1", "account_id": "Acme"}
    assert call.details.given == {"name": "Ada"}
    assert call.details.logs == {}


def test_only_the_inline_form_does_without_a_session() -> None:
    nameless = Started(stream_sid="MZ1", call_sid="CA9", account_sid="acme")
    assert STREAMS.read_call(StreamForm.INLINE, INLINE, nameless).call_id == "CA1"
    assert STREAMS.read_call(StreamForm.INLINE, {"Domain": "acme"}, nameless).call_id == "CA9"
    for form in (StreamForm.ACCOUNT, StreamForm.PROVIDER):
        with pytest.raises(InvalidInputError, match="Missing stream identifiers"):
            STREAMS.read_call(form, {"Domain": "acme"}, nameless)
