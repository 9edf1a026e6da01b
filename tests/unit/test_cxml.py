"""The documents that the carrier gets."""

from xml.etree import ElementTree as ET

from offhook.telephony.cxml import (
    announce_and_join,
    come_back,
    connect_stream,
    dial_out,
    hang_up,
    join,
    play_digits,
    say_and_hang_up,
)


def test_a_stream_document_connects_and_then_asks_how_to_go_on() -> None:
    assert connect_stream("7-1", "wss://a.example/ws", "https://a.example/continue") == (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Response><Connect><Stream name="7-1" url="wss://a.example/ws" /></Connect>'
        '<Redirect method="POST">https://a.example/continue</Redirect></Response>'
    )


def test_every_value_is_escaped() -> None:
    hostile = "\"/><Hangup/>&'<"
    response = ET.fromstring(
        connect_stream(hostile, f"wss://x?a=1&b={hostile}", f"https://x?a=1&b={hostile}")
    )
    stream = response[0][0]
    assert [element.tag for element in response.iter()] == ["Response", "Connect", "Stream", "Redirect"]
    assert (stream.get("name"), stream.get("url")) == (hostile, f"wss://x?a=1&b={hostile}")
    assert response[1].text == f"https://x?a=1&b={hostile}"


def test_the_last_document_hangs_up() -> None:
    assert hang_up() == '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'


def test_a_refusal_is_spoken_before_the_call_ends() -> None:
    assert say_and_hang_up("Goodbye.") == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Goodbye.</Say><Hangup /></Response>'
    )
    response = ET.fromstring(say_and_hang_up("</Say><Dial>+1</Dial>&'\""))
    assert [element.tag for element in response.iter()] == ["Response", "Say", "Hangup"]
    assert response[0].text == "</Say><Dial>+1</Dial>&'\""


def test_a_number_is_dialled_and_the_end_of_that_asked_about() -> None:
    response = ET.fromstring(
        dial_out(
            "+14155550100",
            caller_id="+12025550100",
            timeout_seconds=20,
            action_url="https://a.example/result",
            redirect_url="https://a.example/continue",
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
    document = dial_out(
        "sips:desk@example.com",
        caller_id=None,
        timeout_seconds=5,
        action_url="https://a",
        redirect_url="https://b",
    )
    (noun,) = ET.fromstring(document)[0]
    assert (noun.tag, noun.text) == ("Sip", "sips:desk@example.com")
    assert "callerId" not in document


def test_the_other_person_hears_the_summary_before_the_room() -> None:
    response = ET.fromstring(announce_and_join("Ada & <Bob>.", "room-1", status_url="https://a.example/r"))
    assert [element.tag for element in response] == ["Say", "Dial", "Hangup"]
    assert response[0].text == "Ada & <Bob>."
    (conference,) = response[1]
    assert conference.text == "room-1"
    assert conference.get("statusCallback") == "https://a.example/r"
    assert (conference.get("statusCallbackEvent"), conference.get("endConferenceOnExit")) == ("join", "true")
    assert ET.fromstring(announce_and_join("", "room-1", status_url="https://a"))[0].tag == "Dial"


def test_the_caller_comes_back_from_the_room() -> None:
    response = ET.fromstring(join("room-1", redirect_url="https://a.example/continue"))
    assert [element.tag for element in response] == ["Dial", "Redirect"]
    assert response[0][0].text == "room-1"
    assert [element.tag for element in ET.fromstring(come_back("https://a"))] == ["Redirect"]


def test_keys_are_played_before_the_caller_comes_back() -> None:
    play, redirect = ET.fromstring(play_digits("1w2", "https://a.example/continue"))
    assert (play.tag, play.get("digits"), redirect.text) == ("Play", "1w2", "https://a.example/continue")
