"""The kinds of values, by the type that a node names; a new one is a file beside this and a line here."""

from collections.abc import Mapping

from offhook.workflows import Capture, CaptureType
from streamer.call.spoken.address import Address
from streamer.call.spoken.clock_time import ClockTime
from streamer.call.spoken.date import Date
from streamer.call.spoken.email import Email
from streamer.call.spoken.kind import Kind, Setting
from streamer.call.spoken.name import Name
from streamer.call.spoken.number import Number
from streamer.call.spoken.phone import Phone

KINDS: Mapping[CaptureType, type[Kind]] = {
    CaptureType.EMAIL: Email,
    CaptureType.PHONE: Phone,
    CaptureType.NAME: Name,
    CaptureType.DATE: Date,
    CaptureType.TIME: ClockTime,
    CaptureType.NUMBER: Number,
    CaptureType.ADDRESS: Address,
}


def kind_of(capture: Capture, languages: tuple[str, ...], today: str) -> Kind:
    """Return the kind of value that a node captures, as it is said in these languages on this day."""
    return KINDS[capture.type](Setting(capture=capture, languages=languages, today=today))
