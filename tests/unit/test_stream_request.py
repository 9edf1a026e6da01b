"""The three published forms of an Agent Stream's address, and what each must bring."""

import pytest

from offhook.errors import EngineError, ForbiddenError, InvalidInputError
from streamer.sockets.stream_request import (
    Form,
    StreamRequest,
    check_credentials,
    check_provider,
    read_stream_request,
)

INLINE = "api_key=dg_1&provider=cloudonix&session=XI-1&AccountSid=Acme&CallSid=CA1&callId=SIP1&from=+15555550100&to=+1555"


def read(query: str, *, provider: str | None = None, headers: dict[str, str] | None = None) -> StreamRequest:
    return read_stream_request("agent-1", provider, query, headers or {})


def test_an_api_key_makes_the_inline_form() -> None:
    request = read(INLINE)
    assert (request.form, request.api_key, request.provider) == (Form.INLINE, "dg_1", "cloudonix")
    assert request.inline_account is not None
    assert (request.inline_account.cloudonix_domain, request.inline_account.bearer_token) == (
        "acme.cloudonix.net",
        "XI-1",
    )
    assert request.recorded_call_id == "SIP1"


def test_a_raw_plus_in_a_number_is_a_plus() -> None:
    assert read(INLINE).caller == "+15555550100"
    assert read("provider=cloudonix&Domain=acme&from=%2B15555550100").caller == "+15555550100"


def test_a_domain_without_a_key_makes_the_second_form() -> None:
    request = read("provider=cloudonix&Domain=acme&CallSid=CA1")
    assert (request.form, request.domain, request.recorded_call_id) == (Form.DOMAIN, "acme", "CA1")


def test_a_provider_in_the_path_makes_the_third_form_whatever_the_query_says() -> None:
    request = read(INLINE, provider="cloudonix")
    assert (request.form, request.api_key, request.bearer_token, request.caller) == (
        Form.PROVIDER,
        None,
        None,
        None,
    )


def test_secrets_that_the_edge_has_moved_to_headers_are_read_there() -> None:
    headers = {"x-offhook-api-key": "dg_2", "x-offhook-session": "XI-2"}
    request = read("provider=cloudonix&AccountSid=acme&CallSid=CA1", headers=headers)
    assert (request.form, request.api_key, request.bearer_token) == (Form.INLINE, "dg_2", "XI-2")


def test_a_token_without_a_key_is_not_taken() -> None:
    assert read("provider=cloudonix&session=XI-1&AccountSid=acme").bearer_token is None


def test_no_secret_shows_in_the_text_of_a_request() -> None:
    assert "dg_1" not in repr(read(INLINE))
    assert "XI-1" not in repr(read(INLINE))


@pytest.mark.parametrize(
    "query", ["Domain=acme", "provider=&Domain=acme", "provider=carrierpigeon&Domain=acme"]
)
def test_a_missing_or_unknown_provider_is_refused(query: str) -> None:
    with pytest.raises(ForbiddenError):
        check_provider(read(query))


@pytest.mark.parametrize("provider", ["twilio", "plivo", "telnyx", "vonage", "ari"])
def test_a_provider_without_agent_stream_is_not_supported(provider: str) -> None:
    for request in (read(f"provider={provider}"), read("", provider=provider)):
        with pytest.raises(EngineError):
            check_provider(request)


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("api_key=k&AccountSid=acme&CallSid=CA1", "session"),
        ("api_key=k&session=XI&CallSid=CA1", "AccountSid"),
        ("api_key=k&session=XI&AccountSid=acme", "CallSid"),
        ("provider=cloudonix&CallSid=CA1", "Domain"),
    ],
)
def test_what_a_form_lacks_is_named(query: str, missing: str) -> None:
    with pytest.raises(InvalidInputError, match=f"Missing {missing} "):
        check_credentials(read(query))


@pytest.mark.parametrize("query", [INLINE, "api_key=k&Domain=acme", "provider=cloudonix&Domain=acme"])
def test_a_form_that_has_all_is_good(query: str) -> None:
    check_credentials(read(query))
