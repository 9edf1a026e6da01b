"""CXML without I/O: a document becomes the verbs that the simulated carrier carries out one after the other."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from offhook.errors import InvalidInputError

MAX_DOCUMENT_CHARACTERS = 65_536
MAX_PAUSE_SECONDS = 600.0

# The documentation of several products shows stream addresses with a raw `&`; the real carrier takes them.
_RAW_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStream:
    """Open a media stream and wait for its end; a stream whose name was used before is not opened again."""

    url: str
    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Ask this address for the document to go on with."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Wait, with the line open."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak a text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """End a call that nobody has answered yet."""

    reason: str = "rejected"


Verb: TypeAlias = ConnectStream | Redirect | Pause | Say | Hangup | Reject


def read_document(document: str) -> Iterator[Verb]:
    """Yield the verbs of a document in order; raise InvalidInputError with a sentence where one is wrong.

    The verbs before a wrong one are yielded: the carrier, too, finds out only when it gets there.
    """
    for element in _root(document):
        read = _READERS.get(element.tag)
        if read is None:
            known = ", ".join(sorted(_READERS))
            raise InvalidInputError(
                f"The simulated carrier does not know the CXML verb {element.tag[:40]}; it knows {known}."
            )
        yield read(element)


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


def _connect(element: ET.Element) -> ConnectStream:
    stream = element.find("Stream")
    if stream is None:
        raise InvalidInputError("Connect needs a Stream: the simulated carrier connects to nothing else.")
    parameters = {
        parameter.get("name", ""): parameter.get("value", "") for parameter in stream.findall("Parameter")
    }
    url = _address(
        stream.get("url", ""), ("wss", "ws"), "The Stream's url must be an absolute wss:// address."
    )
    return ConnectStream(url=url, name=stream.get("name", ""), parameters=parameters)


def _redirect(element: ET.Element) -> Redirect:
    url = _address(
        _text(element), ("https", "http"), "Redirect must hold an absolute https:// or http:// address."
    )
    method = element.get("method", "POST").upper()
    if method not in ("GET", "POST"):
        raise InvalidInputError("The method of Redirect must be GET or POST.")
    return Redirect(url=url, method=method)


def _pause(element: ET.Element) -> Pause:
    try:
        seconds = float(element.get("length", "1"))
    except ValueError:
        raise InvalidInputError("The length of Pause must be a number of seconds.") from None
    if not 0 <= seconds <= MAX_PAUSE_SECONDS:
        raise InvalidInputError(f"The length of Pause must be 0 to {MAX_PAUSE_SECONDS:.0f} seconds.")
    return Pause(seconds=seconds)


def _say(element: ET.Element) -> Say:
    return Say(text=_text(element))


def _hangup(_element: ET.Element) -> Hangup:
    return Hangup()


def _reject(element: ET.Element) -> Reject:
    return Reject(reason=element.get("reason", "rejected"))


def _text(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


def _address(text: str, schemes: tuple[str, ...], complaint: str) -> str:
    # Without the address in the sentence: it may hold a token.
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        raise InvalidInputError(complaint) from None
    if parts.scheme not in schemes or not parts.hostname:
        raise InvalidInputError(complaint)
    return text.strip()


_READERS: Mapping[str, Callable[[ET.Element], Verb]] = {
    "Connect": _connect,
    "Redirect": _redirect,
    "Pause": _pause,
    "Say": _say,
    "Hangup": _hangup,
    "Reject": _reject,
}
