"""Reading one media message: hostile JSON in, bounded values out, ProtocolError for everything else."""

import json
import math
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import NoReturn, TypeGuard

from offhook.errors import ProtocolError
from offhook.json_types import JsonObject, JsonValue
from streamer.media.events import Audio, Digit, Started

MAX_MESSAGE_CHARACTERS = 65_536
MAX_TEXT_CHARACTERS = 256
MAX_PARAMETERS = 64
MAX_PARAMETER_CHARACTERS = 4_096
MAX_DEPTH = 8
MAX_AUDIO_BYTES = 8_000
"""One second: no carrier sends more at once, and what a message costs stays bounded."""

_FORMAT = {
    "encoding": frozenset({"audio/x-mulaw", "audio/mulaw", "audio/pcmu", "mulaw", "mu-law", "ulaw", "pcmu"}),
    "sampleRate": frozenset({"8000", "8000.0"}),
    "channels": frozenset({"1", "1.0"}),
}
_UNSUPPORTED_FORMAT = "Unsupported mediaFormat: send audio/x-mulaw, 8000 Hz, 1 channel"
_DIGITS = frozenset("0123456789*#ABCD")


def parse(message: str | bytes) -> JsonObject:
    """Read a message's JSON object; raise ProtocolError."""
    if len(message) > MAX_MESSAGE_CHARACTERS:
        raise ProtocolError("Message too large")
    try:
        text = message if isinstance(message, str) else str(message, "utf-8")
        value = _load(text)
    except (ValueError, RecursionError):
        raise ProtocolError("Malformed message") from None
    if type(value) is not dict:
        raise ProtocolError("Malformed message")
    return value


def read_audio(message: JsonObject) -> Audio | None:
    """Read a `media` message; None when it holds no audio of the caller."""
    media = message.get("media")
    if type(media) is not dict or type(payload := media.get("payload")) is not str:
        raise ProtocolError("Malformed media message")
    if media.get("track", "inbound") != "inbound" or not payload:
        return None
    try:
        audio = a2b_base64(payload, strict_mode=True)
    except (Base64Error, ValueError):
        raise ProtocolError("Malformed media payload") from None
    if len(audio) > MAX_AUDIO_BYTES:
        raise ProtocolError("Media payload too large")
    return Audio(audio)


def read_digit(message: JsonObject) -> Digit:
    dtmf = message.get("dtmf")
    digit = dtmf.get("digit") if isinstance(dtmf, dict) else None
    if not isinstance(digit, str) or digit not in _DIGITS:
        raise ProtocolError("Malformed dtmf message")
    return Digit(digit=digit)


def read_mark_name(message: JsonObject) -> str:
    mark = message.get("mark")
    name = mark.get("name") if isinstance(mark, dict) else None
    if not _is_text(name):
        raise ProtocolError("Malformed mark message")
    return name


def read_start(message: JsonObject) -> Started:
    start = message.get("start")
    if not isinstance(start, dict):
        raise ProtocolError("Missing start metadata")
    stream_sid = start.get("streamSid", message.get("streamSid"))
    call_sid, account_sid = start.get("callSid"), start.get("accountSid")
    if not (_is_text(stream_sid) and _is_text(call_sid) and _is_text(account_sid)):
        raise ProtocolError("Missing stream identifiers")
    return Started(
        stream_sid=stream_sid,
        call_sid=call_sid,
        account_sid=account_sid,
        session=_optional_text(start, "session") or _optional_text(start, "sessionToken") or None,
        caller=_optional_text(start, "from"),
        called=_optional_text(start, "to"),
        context=_optional_text(start, "context"),
        custom_parameters=_custom_parameters(start.get("customParameters")),
        tracks=_tracks(start.get("tracks")),
        media_format=_media_format(start.get("mediaFormat")),
    )


def _load(text: str) -> object:
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        return _DECODER.decode(text)  # with white space before it, which is rare and slower
    if end != len(text) and text[end:].strip():
        raise ValueError("text after the object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _is_text(value: object, limit: int = MAX_TEXT_CHARACTERS) -> TypeGuard[str]:
    """Say whether this is a non-empty string of bounded length that UTF-8 can hold (JSON allows lone surrogates)."""
    return isinstance(value, str) and 0 < len(value) <= limit and not _has_surrogate(value)


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _optional_text(start: JsonObject, key: str) -> str:
    value = start.get(key)
    if value is None or value == "":
        return ""
    if not _is_text(value):
        raise ProtocolError("Malformed start metadata")
    return value


def _custom_parameters(value: JsonValue) -> JsonObject:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MAX_PARAMETERS or not _is_bounded(value, MAX_DEPTH):
        raise ProtocolError("Malformed custom parameters")
    return value


def _media_format(value: JsonValue) -> JsonObject:
    """Read the format of the audio, of which carriers may say as little as they like, but nothing else than ours."""
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MAX_PARAMETERS or not _is_bounded(value, 2):
        raise ProtocolError(_UNSUPPORTED_FORMAT)
    for name, supported in _FORMAT.items():
        said = value.get(name)
        if said not in (None, "") and str(said).lower() not in supported:
            raise ProtocolError(_UNSUPPORTED_FORMAT)
    return value


def _tracks(value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(track for track in value[:4] if _is_text(track))


def _is_bounded(value: JsonValue, depth: int) -> bool:
    """Say whether a value can be stored and written as JSON again by whoever comes later."""
    if isinstance(value, str):
        return value == "" or _is_text(value, MAX_PARAMETER_CHARACTERS)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return depth > 0 and all(
            _is_text(key) and _is_bounded(item, depth - 1) for key, item in value.items()
        )
    if isinstance(value, list):
        return depth > 0 and all(_is_bounded(item, depth - 1) for item in value)
    return True
