"""Reading the CXML verb Dial: whom to call, or which room to join."""

from xml.etree import ElementTree as ET

from local.cloudonix.cxml import attributes
from local.cloudonix.cxml.verbs import DEFAULT_DIAL_TIMEOUT_SECONDS, DialConference, DialNumber
from offhook.dialable import is_dialable
from offhook.errors import InvalidInputError

_NOUNS = ("Number", "Sip", "Conference")
_MAX_TIME_LIMIT_SECONDS = 4 * 3600.0
_EVENTS = frozenset({"start", "end", "join", "leave"})


def read_dial(element: ET.Element) -> DialNumber | DialConference:
    """Read a Dial with one noun, or with a number as its text; a Header before it is passed over."""
    nouns = [child for child in element if child.tag != "Header"]
    if len(nouns) > 1 or any(noun.tag not in _NOUNS for noun in nouns):
        raise InvalidInputError(f"Dial takes one of {', '.join(_NOUNS)}.")
    noun = nouns[0] if nouns else element
    return _conference(element, noun) if noun.tag == "Conference" else _number(element, noun)


def _number(element: ET.Element, noun: ET.Element) -> DialNumber:
    number = attributes.text(noun)
    if not is_dialable(number) or (noun.tag == "Sip") is not number.startswith("sip:"):
        raise InvalidInputError(f"{noun.tag} must hold {_expected(noun)}.")
    return DialNumber(
        number=number,
        caller_id=element.get("callerId"),
        timeout_seconds=attributes.seconds(element, "timeout", DEFAULT_DIAL_TIMEOUT_SECONDS),
        time_limit_seconds=_time_limit(element),
        action=attributes.action(element),
    )


def _conference(element: ET.Element, noun: ET.Element) -> DialConference:
    room = attributes.text(noun)
    if not room:
        raise InvalidInputError("Conference must hold the name of a room.")
    events = frozenset(noun.get("statusCallbackEvent", "").split())
    if not events <= _EVENTS:
        raise InvalidInputError(
            f"The statusCallbackEvent of Conference may name {', '.join(sorted(_EVENTS))}."
        )
    return DialConference(
        room=room,
        ends_on_exit=attributes.flag(noun, "endConferenceOnExit"),
        status_callback=attributes.http_address(noun, "statusCallback"),
        status_events=events,
        time_limit_seconds=_time_limit(element),
        action=attributes.action(element),
    )


def _expected(noun: ET.Element) -> str:
    return "a sip: address" if noun.tag == "Sip" else "a number in E.164"


def _time_limit(element: ET.Element) -> float | None:
    if element.get("timeLimit") is None:
        return None
    return attributes.seconds(element, "timeLimit", 0, _MAX_TIME_LIMIT_SECONDS)
