"""CXML documents become verbs, in order, up to the first that is wrong."""

import pytest

from local.cloudonix.cxml.cxml import read_document
from local.cloudonix.cxml.verbs import (
    ConnectStream,
    DialConference,
    DialNumber,
    Gather,
    Hangup,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
)
from offhook.adapters.cloudonix.cxml import write_cxml
from offhook.errors import InvalidInputError
from offhook.telephony.instructions import HangUp, OpenStream


def test_what_offhook_writes_is_a_stream_and_then_a_redirect() -> None:
    document = write_cxml(
        OpenStream(
            name="7-1", url="wss://voice.test/ws?a=1&b=2", continue_url="https://voice.test/continue/x"
        )
    )
    assert list(read_document(document)) == [
        ConnectStream(url="wss://voice.test/ws?a=1&b=2", name="7-1"),
        Redirect(url="https://voice.test/continue/x", method="POST"),
    ]
    assert list(read_document(write_cxml(HangUp()))) == [Hangup()]


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


def test_a_dial_has_a_number_a_sip_address_or_a_room() -> None:
    document = """<Response>
        <Dial callerId="+15550100001" timeout="12" timeLimit="60" action="https://a.test/d" method="GET">
            <Number>+15550100200</Number></Dial>
        <Dial><Header name="X-A" value="1"/><Sip>sip:desk@b.test</Sip></Dial>
        <Dial>+15550100201</Dial>
        <Dial><Conference endConferenceOnExit="true" holdMusic="false" startConferenceOnEnter="true"
            statusCallback="https://a.test/r" statusCallbackEvent="join leave">transfer-7</Conference></Dial>
    </Response>"""
    assert list(read_document(document)) == [
        DialNumber(
            number="+15550100200",
            caller_id="+15550100001",
            timeout_seconds=12,
            time_limit_seconds=60,
            action=Redirect(url="https://a.test/d", method="GET"),
        ),
        DialNumber(number="sip:desk@b.test"),
        DialNumber(number="+15550100201"),
        DialConference(
            room="transfer-7",
            ends_on_exit=True,
            status_callback="https://a.test/r",
            status_events=frozenset({"join", "leave"}),
        ),
    ]


def test_keys_are_gathered_and_played() -> None:
    document = """<Response>
        <Gather numDigits="4" finishOnKey="*" timeout="2.5" action="https://a.test/g" actionOnEmptyResult="true">
            <Say loop="2">Your code?</Say><Pause length="0.5"/><Play>https://a.test/beep.wav</Play></Gather>
        <Gather/><Play digits="12w#"/><Play loop="0">https://a.test/x.mp3</Play></Response>"""
    assert list(read_document(document)) == [
        Gather(
            prompts=(Say(text="Your code?", loop=2), Pause(seconds=0.5), Play()),
            num_digits=4,
            finish_on_key="*",
            timeout_seconds=2.5,
            action=Redirect(url="https://a.test/g"),
            tells_nothing_too=True,
        ),
        Gather(),
        Play(digits="12W#"),
        Play(loop=1_000),
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
        ("<Response><Dial><Number>5550100</Number></Dial></Response>", "number in E.164"),
        ("<Response><Dial><Number>sip:a@b.test</Number></Dial></Response>", "number in E.164"),
        ("<Response><Dial><Sip>+15550100200</Sip></Dial></Response>", "sip: address"),
        ("<Response><Dial><Fax>+15550100200</Fax></Dial></Response>", "one of Number, Sip, Conference"),
        ("<Response><Dial><Sip>sip:a@b</Sip><Sip>sip:c@d</Sip></Dial></Response>", "one of Number"),
        ("<Response><Dial><Conference/></Dial></Response>", "name of a room"),
        (
            '<Response><Dial><Conference statusCallbackEvent="cough">r</Conference></Dial></Response>',
            "end, join, leave, start",
        ),
        (
            '<Response><Dial><Conference endConferenceOnExit="maybe">r</Conference></Dial></Response>',
            "true or false",
        ),
        ('<Response><Dial action="/relative">+15550100200</Dial></Response>', "action of Dial"),
        ("<Response><Play/></Response>", "or have digits"),
        ('<Response><Play digits="12x"/></Response>', "0-9"),
        ('<Response><Say loop="-1">a</Say></Response>', "0 to 1000"),
        ('<Response><Gather numDigits="0"/></Response>', "1 to 100"),
        ('<Response><Gather input="speech"/></Response>', "nobody listens to speech"),
        ("<Response><Gather><Hangup/></Gather></Response>", "verb Hangup there; it knows Pause, Play, Say"),
    ],
)
def test_a_wrong_document_is_refused_with_a_sentence(document: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        list(read_document(document))


def test_no_refusal_shows_an_address() -> None:
    with pytest.raises(InvalidInputError) as refused:
        list(read_document("<Response><Redirect>secret-token</Redirect></Response>"))
    assert "secret-token" not in refused.value.detail
