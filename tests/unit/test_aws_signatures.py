"""Signatures are checked by code of our own; here the SDKs' signers are the other side."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from amazon_transcribe.auth import Credentials
from amazon_transcribe.eventstream import EventSigner, EventStreamMessageSerializer

from local.aws.speech.event_stream import Decoder, Message, encode, spoil
from local.aws.speech.refusals import RefusalError
from local.aws.speech.signatures import Account, EventChain, Scope

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SEED = bytes(range(32))
SCOPE = Scope(region="eu-west-1", service="transcribe", seed=SEED)
ACCOUNT = Account(access_key_id="key", secret_access_key="secret")


def signed(*payloads: bytes, secret: str = "secret", at: datetime = NOW) -> list[Message]:
    """Sign events one after the other, as the SDK does."""
    signer = EventSigner("transcribe", "eu-west-1", utc_now=lambda: at)
    prior: Any = SEED
    framed = b""
    for payload in payloads:
        headers = signer.sign(payload, prior, Credentials("key", secret))
        prior = headers[":chunk-signature"]
        framed += EventStreamMessageSerializer().serialize(headers, payload)
    return list(Decoder().feed(framed))


def test_events_that_follow_each_other_are_taken() -> None:
    chain = EventChain(SCOPE, ACCOUNT)
    for message in signed(b"one", b"two", b""):
        chain.check(message, NOW)


def test_an_event_signed_with_another_secret_is_refused() -> None:
    with pytest.raises(RefusalError):
        EventChain(SCOPE, ACCOUNT).check(signed(b"one", secret="guessed")[0], NOW)


def test_an_event_that_is_left_out_breaks_the_chain() -> None:
    chain = EventChain(SCOPE, ACCOUNT)
    first, _, third = signed(b"one", b"two", b"three")
    chain.check(first, NOW)
    with pytest.raises(RefusalError):
        chain.check(third, NOW)


def test_an_event_whose_audio_was_changed_is_refused() -> None:
    [message] = signed(b"one")
    with pytest.raises(RefusalError):
        EventChain(SCOPE, ACCOUNT).check(Message(headers=message.headers, payload=b"won"), NOW)


def test_an_event_that_waited_more_than_five_minutes_is_refused() -> None:
    [message] = signed(b"one")
    EventChain(SCOPE, ACCOUNT).check(message, NOW + timedelta(minutes=5))
    with pytest.raises(RefusalError):
        EventChain(SCOPE, ACCOUNT).check(message, NOW + timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize("position", range(16 + 3))
def test_a_bit_that_fell_over_is_found_wherever_it_is(position: int) -> None:
    framed = bytearray(encode({}, b"abc"))
    framed[position] ^= 1
    # One in the length is found by what it makes of the rest, if more comes.
    with pytest.raises(RefusalError):
        list(Decoder().feed(bytes(framed) + bytes(70_000)))


def test_a_spoiled_message_is_one() -> None:
    with pytest.raises(RefusalError):
        list(Decoder().feed(spoil(encode({":event-type": "x"}, b"abc"))))
