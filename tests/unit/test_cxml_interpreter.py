"""CXML documents become verbs, in order, up to the first that is wrong."""

import pytest

from local.cloudonix.cxml import (
    ConnectStream,
    Hangup,
    Pause,
    Redirect,
    Reject,
    Say,
    read_document,
)
from offhook.errors import InvalidInputError
from offhook.telephony.cxml import connect_stream, hang_up


def test_what_offhook_writes_is_a_stream_and_then_a_redirect() -> None:
    document = connect_stream("7-1", "wss://voice.test/ws?a=1&b=2", "https://voice.test/continue/x")
    assert list(read_document(document)) == [
        ConnectStream(url="wss://voice.test/ws?a=1&b=2", name="7-1"),
        Redirect(url="https://voice.test/continue/x", method="POST"),
    ]
    assert list(read_document(hang_up())) == [Hangup()]


def test_every_verb_is_read_with_its_attributes() -> None:
    document = """<?xml version="1.0"?><Response><!-- a note -->
        <Say voice="alice">Hello <b>you</b></Say><Pause/><Pause length="2.5"/><Reject reason="busy"/>
        <Redirect method="get">https://a.test/x</Redirect></Response>"""
    assert list(read_document(document)) == [
        Say(text="Hello you"),
        Pause(seconds=1),
        Pause(seconds=2.5),
        Reject(reason="busy"),
        Redirect(url="https://a.test/x", method="GET"),
    ]


def test_a_raw_ampersand_in_a_stream_address_is_taken_as_the_carrier_does() -> None:
    document = '<Response><Connect><Stream url="wss://a.test/s?x=1&from=+15550100&y=&#43;&amp;z=2"/></Connect></Response>'
    (stream,) = read_document(document)
    assert stream == ConnectStream(url="wss://a.test/s?x=1&from=+15550100&y=+&z=2")


def test_stream_parameters_travel_with_the_stream() -> None:
    document = (
        '<Response><Connect><Stream url="wss://a.test/s" name="n">'
        '<Parameter name="tier" value="gold"/></Stream></Connect></Response>'
    )
    assert list(read_document(document)) == [
        ConnectStream(url="wss://a.test/s", name="n", parameters={"tier": "gold"})
    ]


def test_the_verbs_before_a_wrong_one_are_carried_out() -> None:
    verbs = read_document("<Response><Pause/><Sing/><Hangup/></Response>")
    assert next(verbs) == Pause(seconds=1)
    with pytest.raises(InvalidInputError, match="does not know the CXML verb Sing"):
        next(verbs)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("", "not XML"),
        ("<Response>", "not XML"),
        ("<Twiml/>", "Response as its root"),
        ("<!DOCTYPE r [<!ENTITY a 'b'>]><Response><Say>&a;</Say></Response>", "document type"),
        ("<Response>" + " " * 70_000 + "</Response>", "longer than 64 KB"),
        ("<Response><Connect/></Response>", "needs a Stream"),
        ('<Response><Connect><Stream url="/relative"/></Connect></Response>', "absolute wss"),
        ('<Response><Connect><Stream url="https://a.test"/></Connect></Response>', "absolute wss"),
        ('<Response><Connect><Stream url="wss://[bad"/></Connect></Response>', "absolute wss"),
        ("<Response><Redirect>ftp://a.test</Redirect></Response>", "absolute https"),
        ('<Response><Redirect method="PUT">https://a.test</Redirect></Response>', "GET or POST"),
        ('<Response><Pause length="long"/></Response>', "number of seconds"),
        ('<Response><Pause length="-1"/></Response>', "0 to 600"),
        ('<Response><Pause length="nan"/></Response>', "0 to 600"),
    ],
)
def test_a_wrong_document_is_refused_with_a_sentence(document: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        list(read_document(document))


def test_no_refusal_shows_an_address() -> None:
    with pytest.raises(InvalidInputError) as refused:
        list(read_document("<Response><Redirect>secret-token</Redirect></Response>"))
    assert "secret-token" not in refused.value.detail
