"""The documents that the carrier gets."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from offhook.adapters.cloudonix.cxml import write_cxml
from offhook.telephony.instructions import (
    AnnounceAndJoin,
    ComeBack,
    HangUp,
    JoinRoom,
    OpenStream,
    PlayDigits,
    PutThrough,
)


def test_a_stream_document_connects_and_then_asks_how_to_go_on() -> None:
    stream = OpenStream(name="7-1", url="wss://a.example/ws", continue_url="https://a.example/continue")
    assert write_cxml(stream) == (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Response><Connect><Stream name="7-1" url="wss://a.example/ws" /></Connect>'
        '<Redirect method="POST">https://a.example/continue</Redirect></Response>'
    )


def test_every_value_is_escaped() -> None:
    hostile = "\"/><Hangup/>&'<"
    response = ET.fromstring(
        write_cxml(
            OpenStream(
                name=hostile, url=f"wss://x?a=1&b={hostile}", continue_url=f"https://x?a=1&b={hostile}"
            )
        )
    )
    stream = response[0][0]
    assert [element.tag for element in response.iter()] == ["Response", "Connect", "Stream", "Redirect"]
    assert (stream.get("name"), stream.get("url")) == (hostile, f"wss://x?a=1&b={hostile}")
    assert response[1].text == f"https://x?a=1&b={hostile}"


def test_characters_that_no_xml_may_have_are_left_out() -> None:
    sentence = "Ann\x00\x08\x0b\x1f\ud800\ufffe\tLee \U0001f600"
    response = ET.fromstring(write_cxml(AnnounceAndJoin(summary=sentence, room="r\x07", status_url="u\x01")))
    assert response[0].text == "Ann\tLee \U0001f600"
    conference = response[1][0]
    assert (conference.text, conference.get("statusCallback")) == ("r", "u")


def test_the_last_document_hangs_up() -> None:
    assert write_cxml(HangUp()) == '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'


def test_a_refusal_is_spoken_before_the_call_ends() -> None:
    assert write_cxml(HangUp(sentence="Goodbye.")) == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Goodbye.</Say><Hangup /></Response>'
    )
    response = ET.fromstring(write_cxml(HangUp(sentence="</Say><Dial>+1</Dial>&'\"")))
    assert [element.tag for element in response.iter()] == ["Response", "Say", "Hangup"]
    assert response[0].text == "</Say><Dial>+1</Dial>&'\""


def test_a_number_is_dialled_and_the_end_of_that_asked_about() -> None:
    response = ET.fromstring(
        write_cxml(
            PutThrough(
                called_number="+14155550100",
                caller_number="+12025550100",
                timeout_seconds=20,
                result_url="https://a.example/result",
                continue_url="https://a.example/continue",
            )
        )
    )
    dial, redirect = response
    assert dial.attrib == {
        "action": "https://a.example/result",
        "method": "POST",
        "timeout": "20",
        "callerId": "+12025550100",
    }
    assert [(noun.tag, noun.text) for noun in dial] == [("Number", "+14155550100")]
    assert (redirect.tag, redirect.text) == ("Redirect", "https://a.example/continue")


def test_a_sip_address_is_dialled_as_one() -> None:
    document = write_cxml(
        PutThrough(
            called_number="sips:desk@example.com",
            caller_number=None,
            timeout_seconds=5,
            result_url="https://a",
            continue_url="https://b",
        )
    )
    (noun,) = ET.fromstring(document)[0]
    assert (noun.tag, noun.text) == ("Sip", "sips:desk@example.com")
    assert "callerId" not in document


def test_the_other_person_hears_the_summary_before_the_room() -> None:
    announce = AnnounceAndJoin(summary="Ada & <Bob>.", room="room-1", status_url="https://a.example/r")
    response = ET.fromstring(write_cxml(announce))
    assert [element.tag for element in response] == ["Say", "Dial", "Hangup"]
    assert response[0].text == "Ada & <Bob>."
    (conference,) = response[1]
    assert conference.text == "room-1"
    assert conference.get("statusCallback") == "https://a.example/r"
    assert (conference.get("statusCallbackEvent"), conference.get("endConferenceOnExit")) == ("join", "true")
    assert ET.fromstring(write_cxml(replace(announce, summary="")))[0].tag == "Dial"


def test_the_caller_comes_back_from_the_room() -> None:
    response = ET.fromstring(write_cxml(JoinRoom(room="room-1", continue_url="https://a.example/continue")))
    assert [element.tag for element in response] == ["Dial", "Redirect"]
    assert response[0][0].text == "room-1"
    assert [element.tag for element in ET.fromstring(write_cxml(ComeBack(continue_url="https://a")))] == [
        "Redirect"
    ]


def test_keys_are_played_before_the_caller_comes_back() -> None:
    play, redirect = ET.fromstring(
        write_cxml(PlayDigits(digits="1w2", continue_url="https://a.example/continue"))
    )
    assert (play.tag, play.get("digits"), redirect.text) == ("Play", "1w2", "https://a.example/continue")
