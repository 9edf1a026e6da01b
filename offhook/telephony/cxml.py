"""The CXML documents that tell the carrier what to do with a call."""

from xml.etree import ElementTree as ET

CONTENT_TYPE = "application/xml"


def connect_stream(name: str, url: str, redirect_url: str) -> str:
    """Write: open the media stream at `url`, and when it ends ask `redirect_url` how to go on.

    The carrier does not open a second stream of the same name, so each stream of a run needs its own.
    """
    response = ET.Element("Response")
    connect = ET.SubElement(response, "Connect")
    ET.SubElement(connect, "Stream", {"name": name, "url": url})
    _redirect(response, redirect_url)
    return _document(response)


def dial_out(
    address: str, *, caller_id: str | None, timeout_seconds: int, action_url: str, redirect_url: str
) -> str:
    """Write: call a number or SIP address, join the two, and ask `action_url` how to go on when that is over.

    `redirect_url` is for a carrier that goes on with the document instead.
    """
    response = ET.Element("Response")
    attributes = {"action": action_url, "method": "POST", "timeout": str(timeout_seconds)}
    if caller_id is not None:
        attributes["callerId"] = caller_id
    dial = ET.SubElement(response, "Dial", attributes)
    ET.SubElement(dial, "Sip" if address.startswith(("sip:", "sips:")) else "Number").text = address
    _redirect(response, redirect_url)
    return _document(response)


def announce_and_join(summary: str, room: str, *, status_url: str) -> str:
    """Write, for the other person of a warm transfer: hear the summary, then wait in the room; `status_url` is told."""
    response = ET.Element("Response")
    if summary:
        ET.SubElement(response, "Say").text = summary
    conference = _conference(response, room)
    conference.set("statusCallback", status_url)
    conference.set("statusCallbackEvent", "join")
    ET.SubElement(response, "Hangup")
    return _document(response)


def join(room: str, *, redirect_url: str) -> str:
    """Write, for the caller of a warm transfer: join the room, and when it has ended ask how to go on."""
    response = ET.Element("Response")
    _conference(response, room)
    _redirect(response, redirect_url)
    return _document(response)


def come_back(redirect_url: str) -> str:
    """Write: ask `redirect_url` how to go on."""
    response = ET.Element("Response")
    _redirect(response, redirect_url)
    return _document(response)


def play_digits(digits: str, redirect_url: str) -> str:
    """Write: press these keys, with `w` for half a second of waiting, then ask how to go on."""
    response = ET.Element("Response")
    ET.SubElement(response, "Play", {"digits": digits})
    _redirect(response, redirect_url)
    return _document(response)


def hang_up() -> str:
    """Write: end the call."""
    response = ET.Element("Response")
    ET.SubElement(response, "Hangup")
    return _document(response)


def say_and_hang_up(sentence: str) -> str:
    """Write: say this to the caller, then end the call."""
    response = ET.Element("Response")
    ET.SubElement(response, "Say").text = sentence
    ET.SubElement(response, "Hangup")
    return _document(response)


def _redirect(response: ET.Element, url: str) -> None:
    ET.SubElement(response, "Redirect", {"method": "POST"}).text = url


def _conference(response: ET.Element, room: str) -> ET.Element:
    # Whoever leaves ends it: neither of two people should be left alone in a room.
    dial = ET.SubElement(response, "Dial")
    conference = ET.SubElement(dial, "Conference", {"endConferenceOnExit": "true", "beep": "false"})
    conference.text = room
    return conference


def _document(root: ET.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(root, encoding="unicode")
