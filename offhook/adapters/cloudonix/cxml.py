"""Instructions in CXML, the documents by which Cloudonix is told what to do with a call."""

import re
from typing import assert_never
from xml.etree import ElementTree as ET

from offhook.telephony.instructions import (
    AnnounceAndJoin,
    ComeBack,
    HangUp,
    Instruction,
    JoinRoom,
    OpenStream,
    PlayDigits,
    PutThrough,
)

MEDIA_TYPE = "application/xml"

# What no XML 1.0 document may have, not even escaped (https://www.w3.org/TR/xml/#charsets). One such character, from a
# caller's own variables, would have the carrier refuse the whole document in the middle of a call.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_cxml(instruction: Instruction) -> str:
    """Return the document that tells Cloudonix to do this."""
    response = ET.Element("Response")
    match instruction:
        case OpenStream():
            if instruction.wait_seconds:
                ET.SubElement(response, "Pause", {"length": str(instruction.wait_seconds)})
            connect = ET.SubElement(response, "Connect")
            ET.SubElement(connect, "Stream", {"name": instruction.name, "url": instruction.url})
        case PutThrough():
            _dial(response, instruction)
        case AnnounceAndJoin():
            _say(response, instruction.summary)
            conference = _conference(response, instruction.room)
            conference.set("statusCallback", instruction.status_url)
            conference.set("statusCallbackEvent", "join")
        case JoinRoom():
            _conference(response, instruction.room)
        case PlayDigits():
            ET.SubElement(response, "Play", {"digits": instruction.digits})
        case HangUp():
            _say(response, instruction.sentence)
        case ComeBack():
            pass
        case _:
            assert_never(instruction)
    _go_on(response, instruction)
    document = ET.tostring(response, encoding="unicode")
    return '<?xml version="1.0" encoding="UTF-8"?>' + _NO_XML.sub("", document)


def _dial(response: ET.Element, instruction: PutThrough) -> None:
    attributes = {
        "action": instruction.result_url,
        "method": "POST",
        "timeout": str(instruction.timeout_seconds),
    }
    if instruction.caller_number is not None:
        attributes["callerId"] = instruction.caller_number
    dial = ET.SubElement(response, "Dial", attributes)
    noun = "Sip" if instruction.called_number.startswith(("sip:", "sips:")) else "Number"
    ET.SubElement(dial, noun).text = instruction.called_number


def _say(response: ET.Element, text: str) -> None:
    if text:
        ET.SubElement(response, "Say").text = text


def _conference(response: ET.Element, room: str) -> ET.Element:
    # Whoever leaves ends it: neither of two people should be left alone in a room.
    dial = ET.SubElement(response, "Dial")
    conference = ET.SubElement(dial, "Conference", {"endConferenceOnExit": "true", "beep": "false"})
    conference.text = room
    return conference


def _go_on(response: ET.Element, instruction: Instruction) -> None:
    """End every document with what follows it: the question how to go on, or the end of the call."""
    if isinstance(instruction, HangUp | AnnounceAndJoin):
        ET.SubElement(response, "Hangup")
    else:
        ET.SubElement(response, "Redirect", {"method": "POST"}).text = instruction.continue_url
