"""What a model is told of an answer from outside: bounded, and without a secret that was sent."""

import binascii
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from offhook.json_types import JsonValue
from offhook.runs.ports import MAX_REPLY_BYTES, Reply
from streamer.tools.ports import MOST_ANSWER_CHARACTERS, Answer

_MASK = "[secret]"
# A shorter one would be found in many a word.
_LEAST_SECRET = 4
_GOES_ON = "… (the answer goes on)"

_REDIRECTED = "The address answered with a redirect, which is not followed. Go on without this tool."
_TOO_LONG = "The answer is longer than 64 KB and can't be read. Ask for less, or go on without this tool."
_NO_TEXT = "The answer is no text. Go on without this tool."


def told(reply: Reply, presented: Mapping[str, str]) -> Answer:
    """Return an HTTP reply as a model reads it; `presented` are the headers that showed who asks."""
    if 300 <= reply.status < 400:
        return Answer(text=_REDIRECTED, is_error=True)
    if len(reply.body) >= MAX_REPLY_BYTES:
        return Answer(text=_TOO_LONG, is_error=True)
    if b"\0" in reply.body:
        return Answer(text=_NO_TEXT, is_error=True)
    document: JsonValue = {"status": reply.status, "body": _read(reply.body)}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Answer(text=bounded(text, presented), is_error=reply.status >= 400)


def bounded(text: str, presented: Mapping[str, str]) -> str:
    """Return a text without the secrets of these headers, in as many characters as a model is told."""
    for form in sorted(set(_forms(presented)), key=len, reverse=True):
        text = text.replace(form, _MASK)
    if len(text) <= MOST_ANSWER_CHARACTERS:
        return text
    return text[: MOST_ANSWER_CHARACTERS - len(_GOES_ON)] + _GOES_ON


def _read(body: bytes) -> JsonValue:
    text = body.decode(errors="replace")
    try:
        value: JsonValue = json.loads(text)
        # What is nested too deep is read by C and not written by Python.
        json.dumps(value)
    except (ValueError, RecursionError):
        return text
    return value


def _forms(presented: Mapping[str, str]) -> Iterator[str]:
    """Yield each secret as it may come back: as it was sent, without its scheme, decoded, and as JSON or a URL has it."""
    for value in presented.values():
        scheme, _, token = value.partition(" ")
        for secret in (value, token, *(_passwords(token) if scheme == "Basic" else ())):
            if len(secret) >= _LEAST_SECRET:
                yield from (secret, json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe=""))


def _passwords(token: str) -> tuple[str, ...]:
    try:
        both = b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ()
    return both, both.partition(":")[2]
