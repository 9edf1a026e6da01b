"""The documents that the carrier gets."""

from xml.etree import ElementTree as ET

from offhook.telephony.cxml import connect_stream, hang_up, say_and_hang_up


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
