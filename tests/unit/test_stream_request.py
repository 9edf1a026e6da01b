"""The three published forms of an Agent Stream's address, and which provider's they are."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from offhook.adapters.carriers.by_provider import dialects
from offhook.errors import EngineError, ForbiddenError
from offhook.runs.carrier.dialect import Dialect, Dialects
from offhook.runs.carrier.streams import StreamForm
from streamer.sockets.stream_request import StreamRequest, read_stream_request, stream_dialect

INLINE = "api_key=dg_1&provider=cloudonix&session=XI-1&AccountSid=Acme&CallSid=CA1&callId=SIP1&from=+15555550100&to=+1555"


def read(query: str, *, provider: str | None = None, headers: dict[str, str] | None = None) -> StreamRequest:
    return read_stream_request("agent-1", provider, query, headers or {})


def test_an_api_key_makes_the_inline_form() -> None:
    request = read(INLINE)
    assert (request.form, request.api_key, request.provider) == (StreamForm.INLINE, "dg_1", "cloudonix")
    assert (request.parameters["session"], request.parameters["callId"]) == ("XI-1", "SIP1")


def test_a_raw_plus_in_a_number_is_a_plus() -> None:
    assert read(INLINE).parameters["from"] == "+15555550100"
    assert read("provider=cloudonix&Domain=acme&from=%2B15555550100").parameters["from"] == "+15555550100"


def test_an_account_without_a_key_makes_the_second_form() -> None:
    request = read("provider=cloudonix&Domain=acme&CallSid=CA1")
    assert (request.form, request.parameters["Domain"]) == (StreamForm.ACCOUNT, "acme")


def test_a_provider_in_the_path_makes_the_third_form_whatever_the_query_says() -> None:
    request = read(INLINE, provider="cloudonix")
    assert (request.form, request.api_key, request.parameters) == (StreamForm.PROVIDER, None, {})


def test_secrets_that_the_edge_has_moved_to_headers_are_read_there() -> None:
    headers = {"x-offhook-api-key": "dg_2", "x-offhook-session": "XI-2"}
    request = read("provider=cloudonix&AccountSid=acme&CallSid=CA1", headers=headers)
    assert (request.form, request.api_key, request.parameters["session"]) == (
        StreamForm.INLINE,
        "dg_2",
        "XI-2",
    )


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("a%2Fb%3D%3D", "a/b=="), ("a+b", "a+b"), ("a%2Bb", "a+b"), ("%C3%BC", "ü"), ("50%", "50%")],
)
def test_a_moved_secret_arrives_decoded_as_the_querys_would(written: str, read_as: str) -> None:
    moved = read("provider=cloudonix", headers={"x-offhook-api-key": written, "x-offhook-session": written})
    unmoved = read(f"provider=cloudonix&api_key={written}&session={written}")
    assert moved == unmoved
    assert (moved.api_key, moved.parameters["session"]) == (read_as, read_as)


def test_of_repeated_secrets_the_first_counts_and_the_moved_one_before_any() -> None:
    assert read("provider=cloudonix&api_key=dg_1&api_key=dg_2").api_key == "dg_1"
    moved = read("provider=cloudonix&api_key=dg_1", headers={"x-offhook-api-key": "dg_3"})
    assert moved.api_key == "dg_3"


def test_a_moved_secret_that_is_empty_is_none() -> None:
    assert read("provider=cloudonix", headers={"x-offhook-api-key": ""}).api_key is None


def test_no_secret_shows_in_the_text_of_a_request() -> None:
    assert "dg_1" not in repr(read(INLINE))
    assert "XI-1" not in repr(read(INLINE))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("Domain=acme", "Missing provider: add provider=cloudonix."),
        ("provider=&Domain=acme", "Missing provider: add provider=cloudonix."),
        ("provider=carrierpigeon&Domain=acme", "Unknown provider: use cloudonix."),
    ],
)
def test_a_missing_or_unknown_provider_is_refused(query: str, told: str) -> None:
    with pytest.raises(ForbiddenError) as caught:
        stream_dialect(read(query), dialects())
    assert caught.value.detail == told


@dataclass
class Deaf:
    """The dialect of a provider whose carrier opens no Agent Streams."""

    provider: str = "deaf"
    streams: None = None


@pytest.mark.parametrize("provider", ["twilio", "plivo", "telnyx", "vonage", "ari", "deaf"])
def test_a_provider_without_agent_stream_is_not_supported(provider: str) -> None:
    known = Dialects([*dialects(), cast(Dialect, Deaf())])
    for request in (read(f"provider={provider}"), read("", provider=provider)):
        with pytest.raises(EngineError, match=f"not available for {provider}; use cloudonix."):
            stream_dialect(request, known)


def test_each_provider_has_its_own() -> None:
    cloudonix = dialects().default
    pigeon: Any = Deaf(provider="pigeon")
    pigeon.streams = object()
    known = Dialects([cloudonix, pigeon])
    assert stream_dialect(read("provider=cloudonix"), known) is cloudonix.streams
    assert stream_dialect(read("", provider="pigeon"), known) is pigeon.streams
