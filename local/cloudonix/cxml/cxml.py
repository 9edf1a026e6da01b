"""CXML without I/O: a document becomes the verbs that the simulated carrier carries out one after the other."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from xml.etree import ElementTree as ET

from local.cloudonix.cxml import attributes, verbs
from local.cloudonix.cxml.dial_verb import read_dial
from offhook.errors import InvalidInputError

MAX_DOCUMENT_CHARACTERS = 65_536
_MAX_DIGITS = 100

_V = TypeVar("_V", bound=verbs.Verb)

# The documentation of several products shows stream addresses with a raw `&`; the real carrier takes them.
_RAW_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")


def read_document(document: str) -> Iterator[verbs.Verb]:
    """Yield the verbs of a document in order; raise InvalidInputError with a sentence where one is wrong.

    The verbs before a wrong one are yielded: the carrier, too, finds out only when it gets there.
    """
    for element in _root(document):
        yield _read(element, _READERS)


def _read(element: ET.Element, readers: Mapping[str, Callable[[ET.Element], _V]]) -> _V:
    read = readers.get(element.tag)
    if read is None:
        known = ", ".join(sorted(readers))
        raise InvalidInputError(
            f"The simulated carrier does not know the CXML verb {element.tag[:40]} there; it knows {known}."
        )
    return read(element)


def _root(document: str) -> ET.Element:
    if len(document) > MAX_DOCUMENT_CHARACTERS:
        raise InvalidInputError("The CXML document is longer than 64 KB.")
    if "<!" in re.sub(r"<!--.*?-->", "", document, flags=re.DOTALL):
        # Entities of the document's own could grow without a bound; CXML has no use for them.
        raise InvalidInputError("A CXML document may not declare a document type.")
    try:
        root = ET.fromstring(_RAW_AMPERSAND.sub("&amp;", document.strip()))  # noqa: S314 (no entities, see above)
    except ET.ParseError as error:
        raise InvalidInputError(f"The CXML document is not XML: {error}.") from None
    if root.tag != "Response":
        raise InvalidInputError("A CXML document must have Response as its root.")
    return root


def _connect(element: ET.Element) -> verbs.ConnectStream:
    stream = element.find("Stream")
    if stream is None:
        raise InvalidInputError("Connect needs a Stream: the simulated carrier connects to nothing else.")
    complaint = "The Stream's url must be an absolute wss:// address."
    return verbs.ConnectStream(
        url=attributes.address(stream.get("url", ""), ("wss", "ws"), complaint),
        name=stream.get("name", ""),
        parameters={p.get("name", ""): p.get("value", "") for p in stream.findall("Parameter")},
        status_callback=attributes.http_address(stream, "statusCallback"),
    )


def _redirect(element: ET.Element) -> verbs.Redirect:
    complaint = "Redirect must hold an absolute https:// or http:// address."
    url = attributes.address(attributes.text(element), ("https", "http"), complaint)
    return verbs.Redirect(url=url, method=attributes.method(element))


def _pause(element: ET.Element) -> verbs.Pause:
    return verbs.Pause(seconds=attributes.seconds(element, "length", 1))


def _say(element: ET.Element) -> verbs.Say:
    return verbs.Say(text=attributes.text(element), loop=attributes.loop(element))


def _play(element: ET.Element) -> verbs.Play:
    digits = attributes.keys(element, "digits")
    if not digits:
        complaint = "Play must hold an absolute https:// or http:// address, or have digits."
        attributes.address(attributes.text(element), ("https", "http"), complaint)
    return verbs.Play(digits=digits, loop=attributes.loop(element))


def _gather(element: ET.Element) -> verbs.Gather:
    if element.get("input", "dtmf") not in ("dtmf", "both"):
        raise InvalidInputError("The input of Gather must be dtmf or both: nobody listens to speech here.")
    return verbs.Gather(
        prompts=tuple(_read(child, _PROMPTS) for child in element),
        num_digits=attributes.count(element, "numDigits", minimum=1, maximum=_MAX_DIGITS),
        finish_on_key=element.get("finishOnKey", "#"),
        timeout_seconds=attributes.seconds(element, "timeout", verbs.DEFAULT_GATHER_TIMEOUT_SECONDS),
        action=attributes.action(element),
        tells_nothing_too=attributes.flag(element, "actionOnEmptyResult"),
    )


def _hangup(_element: ET.Element) -> verbs.Hangup:
    return verbs.Hangup()


def _reject(element: ET.Element) -> verbs.Reject:
    return verbs.Reject(reason=element.get("reason", "rejected"))


_PROMPTS: Mapping[str, Callable[[ET.Element], verbs.Prompt]] = {"Say": _say, "Pause": _pause, "Play": _play}
_READERS: Mapping[str, Callable[[ET.Element], verbs.Verb]] = {
    **_PROMPTS,
    "Connect": _connect,
    "Dial": read_dial,
    "Gather": _gather,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
}
