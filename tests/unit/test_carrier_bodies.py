"""What the carrier's bodies say, whatever form they have, and which spellings mean the same."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message

from functions.http.app import create_app
from functions.http.json_body import BoundedRequest
from functions.telephony.inbound import InboundRoutes
from offhook.adapters.carriers.by_provider import dialects
from offhook.adapters.cloudonix.webhooks import (
    is_from_cloudonix,
    read_announcement,
    read_cdr,
    shows_key,
)
from offhook.clock import Clock, system_clock
from offhook.errors import StorageError
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.model import RunStatus
from offhook.telephony.inbound import InboundAccount, caller_address, number_called
from offhook.telephony.model import PhoneNumber
from tests.support.cloudonix import make_configuration

ACCOUNT = InboundAccount(
    configuration=make_configuration(id="c1"),
    numbers=tuple(
        PhoneNumber(id=address, configuration_id="c1", organization_id="acme", address=address)
        for address in ("+12025550100", "sip:desk@acme.cloudonix.net", "sip:100@pbx.example.com")
    ),
)


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"x-cx-apikey": "k"}, {}),
        ({"x-cx-domain": "acme"}, {}),
        ({"user-agent": "Cloudonix/1.0"}, {}),
        ({}, {"Domain": "voice.example.com", "SessionData": {"token": "t"}}),
        ({}, {"Domain": "acme.cloudonix.net", "Session": "t"}),
        ({}, {"AccountSid": "acme.Cloudonix.net"}),
    ],
)
def test_cloudonix_is_known_by_any_of_its_marks(headers: dict[str, str], fields: dict[str, Any]) -> None:
    assert is_from_cloudonix(headers, fields)


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({}, {}),
        ({"user-agent": "TwilioProxy/1.1"}, {"AccountSid": "AC01", "CallSid": "CA01"}),
        ({"x-twilio-signature": "s"}, {"SessionData": {}}),
        ({}, {"AccountSid": 5, "Session": "t"}),
    ],
)
def test_others_are_not_cloudonix(headers: dict[str, str], fields: dict[str, Any]) -> None:
    assert not is_from_cloudonix(headers, fields)


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ({"x-twilio-signature": "one"}, []),
        ({"x-cx-apikey": "one"}, ["one"]),
        ({"authorization": "Bearer two"}, ["two"]),
        ({"authorization": "bearer  two "}, ["two"]),
        ({"authorization": "Basic dHdv"}, []),
        ({"authorization": "Bearer"}, []),
        ({"x-cx-apikey": "one", "authorization": "Bearer two"}, ["one", "two"]),
    ],
)
def test_the_key_comes_in_one_of_two_headers(headers: Mapping[str, str], keys: list[str]) -> None:
    assert [key for key in ("one", "two") if shows_key(headers, key)] == keys


@pytest.mark.parametrize(
    ("fields", "session"),
    [
        ({"Session": "a-1"}, "a-1"),
        ({"Session": "a-1", "SessionData": {"token": "b-2"}}, "a-1"),
        ({"SessionData": {"token": "b-2"}, "CallSid": "CA1"}, "b-2"),
        ({"SessionData": '{"token": "b-2"}'}, "b-2"),
        ({"Session": "..", "SessionData": {"token": "b-2"}}, "b-2"),
        ({"CallSid": "CA1"}, None),
        ({"Session": ".."}, None),
        ({"Session": "a/b"}, None),
        ({"Session": "a b"}, None),
        ({"Session": "a" * 201}, None),
        ({"Session": 5, "SessionData": ["token"]}, None),
        ({"SessionData": "{"}, None),
    ],
)
def test_a_session_is_a_word_that_can_stand_in_an_address(
    fields: dict[str, Any], session: str | None
) -> None:
    assert read_announcement(fields).call_id == session


def test_what_is_missing_too_long_or_no_text_is_none() -> None:
    said = read_announcement({"From": "x" * 300, "To": ["+1"], "Direction": "a\nb", "ToCountry": True})
    assert (said.account, said.caller_number, said.is_for_us) == (None, None, False)
    assert (said.log["from_country"], said.log["to_country"]) == (None, None)
    said = read_announcement({"From": 14155550123, "Direction": " INBOUND ", "Domain": "ACME."})
    assert (said.account, said.caller_number, said.is_for_us) == ("acme.cloudonix.net", "+14155550123", True)


def test_a_cdr_names_domain_session_and_how_the_call_ended() -> None:
    cdr = read_cdr({"domain": "acme", "session": {"token": "s-1"}, "disposition": "BUSY", "duration": 3})
    assert (cdr.account, cdr.call_id, cdr.status) == ("acme.cloudonix.net", "s-1", RunStatus.BUSY)
    for session in (None, "s-1", {}, {"token": 5}, {"token": ""}):
        assert read_cdr({"domain": "acme", "session": session}).call_id is None
    assert (read_cdr({}).account, read_cdr({}).status) == (None, None)


@pytest.mark.parametrize(
    ("called", "address"),
    [
        ("+12025550100", "+12025550100"),
        ("12025550100", "+12025550100"),
        (" 1 (202) 555-0100", "+12025550100"),
        ("sip:12025550100@acme.cloudonix.net", "+12025550100"),
        ("SIPS:+12025550100@10.0.0.1:5061;transport=tls", "+12025550100"),
        ('"Front desk" <sip:+12025550100@acme.cloudonix.net>', "+12025550100"),
        ("12025550100@acme.cloudonix.net", "+12025550100"),
        ("desk", "sip:desk@acme.cloudonix.net"),
        ("sip:desk@ACME.cloudonix.net:5060", "sip:desk@acme.cloudonix.net"),
        ("100@pbx.example.com", "sip:100@pbx.example.com"),
        ("100", None),
        ("2025550100", None),
        ("+12025550101", None),
        ("desk@pbx.example.com", None),
        ("", None),
        ("<>", None),
        ("sip:@", None),
    ],
)
def test_a_called_number_is_found_however_it_is_spelt(called: str, address: str | None) -> None:
    said = read_announcement({"Domain": "acme", "To": called})
    number = number_called(ACCOUNT, said.called_numbers)
    assert (number and number.address) == address


@pytest.mark.parametrize(
    ("caller", "address"),
    [
        ("+14155550123", "+14155550123"),
        ("14155550123", "+14155550123"),
        ("sip:14155550123@carrier.example.com", "+14155550123"),
        ("<sip:ann@pbx.example.com;user=phone>", "sip:ann@pbx.example.com"),
        ("anonymous", "anonymous"),
        ("100", "100"),
        ("", None),
    ],
)
def test_a_caller_is_a_number_or_whatever_the_carrier_says(caller: str, address: str | None) -> None:
    assert caller_address(caller) == address


GOOD = b'{"Direction": "inbound", "Domain": "acme", "Session": "s-1", "To": "+12025550100"}'
HUNG_UP = b'<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'


@dataclass
class Broken:
    """Services that fail in this way, whatever they are asked."""

    error: Exception
    dialects: Dialects = field(default_factory=dialects)
    clock: Clock = system_clock

    @property
    def announced(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [(KeyError("+14155550123"), "KeyError"), (StorageError("+1415"), "storage-unavailable")],
)
def test_whatever_breaks_the_call_ends_and_the_log_has_no_more_than_its_type(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    reply = asyncio.run(post(Broken(error), GOOD))
    assert (reply[0]["status"], reply[1]["body"]) == (200, HUNG_UP)
    (record,) = (each for each in caplog.records if each.name == "offhook.http.inbound")
    assert record.exc_info is None
    assert "+1415" not in str(vars(record))
    assert told in str(vars(record))


def test_a_webhook_that_stalls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedRequest, "body_limit_s", 0.02)
    reply = asyncio.run(post(Broken(KeyError()), GOOD, is_whole=False))
    assert reply[0]["status"] == 200
    assert (b"connection", b"close") in reply[0]["headers"]
    assert reply[1]["body"].endswith(b"</Say><Hangup /></Response>")


async def post(services: Any, body: bytes, *, is_whole: bool = True) -> list[Message]:
    """Post a webhook, or the beginning of one and then nothing more; return the reply."""
    app = create_app([InboundRoutes(services).router()])
    coming, reply = asyncio.Queue[Message](), list[Message]()
    coming.put_nowait({"type": "http.request", "body": body, "more_body": not is_whole})

    async def send(message: Message) -> None:
        reply.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/telephony/inbound/run",
        "raw_path": b"/api/v1/telephony/inbound/run",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    await app(scope, coming.get, send)
    return reply
