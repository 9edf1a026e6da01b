"""Attributes and texts of CXML elements, read or refused with a sentence."""

from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from local.cloudonix.cxml.verbs import Redirect
from offhook.errors import InvalidInputError

MAX_SECONDS = 600.0
# A document that repeats something for ever is heard long enough after this many times.
MAX_LOOPS = 1_000
_KEYS = frozenset("0123456789*#ABCDabcdwW")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


def text(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


def address(value: str, schemes: tuple[str, ...], complaint: str) -> str:
    """Return an absolute address."""
    # Without the address in the sentence: it may hold a token.
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        raise InvalidInputError(complaint) from None
    if parts.scheme not in schemes or not parts.hostname:
        raise InvalidInputError(complaint)
    return value.strip()


def http_address(element: ET.Element, name: str) -> str | None:
    """Return an address that is posted to, None where there is no such attribute."""
    value = element.get(name)
    complaint = f"The {name} of {element.tag} must be an absolute https:// or http:// address."
    return None if value is None else address(value, ("https", "http"), complaint)


def method(element: ET.Element) -> str:
    """Return GET or POST."""
    value = element.get("method", "POST").upper()
    if value not in ("GET", "POST"):
        raise InvalidInputError(f"The method of {element.tag} must be GET or POST.")
    return value


def action(element: ET.Element) -> Redirect | None:
    """Return where the call goes on after a verb, None where it goes on with the next one."""
    url = http_address(element, "action")
    return None if url is None else Redirect(url=url, method=method(element))


def seconds(element: ET.Element, name: str, default: float, maximum: float = MAX_SECONDS) -> float:
    try:
        value = float(element.get(name, default))
    except ValueError:
        raise InvalidInputError(f"The {name} of {element.tag} must be a number of seconds.") from None
    if not 0 <= value <= maximum:
        raise InvalidInputError(f"The {name} of {element.tag} must be 0 to {maximum:.0f} seconds.")
    return value


def count(element: ET.Element, name: str, *, minimum: int, maximum: int) -> int | None:
    """Return a whole number, None where there is no such attribute."""
    value = element.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and minimum <= int(value) <= maximum):
        raise InvalidInputError(f"The {name} of {element.tag} must be {minimum} to {maximum}.")
    return int(value)


def loop(element: ET.Element) -> int:
    """Return how often something is heard; 0 stands for ever."""
    times = count(element, "loop", minimum=0, maximum=MAX_LOOPS)
    return 1 if times is None else times or MAX_LOOPS


def flag(element: ET.Element, name: str) -> bool:
    """Return true or false, false where there is no such attribute."""
    value = element.get(name, "false").lower()
    if value not in _TRUE + _FALSE:
        raise InvalidInputError(f"The {name} of {element.tag} must be true or false.")
    return value in _TRUE


def keys(element: ET.Element, name: str) -> str:
    """Return keys of a telephone, and `w` for half a second of waiting."""
    value = element.get(name, "")
    if not set(value) <= _KEYS:
        raise InvalidInputError(f"The {name} of {element.tag} may hold 0-9, *, #, A-D and w only.")
    return value.upper()
