"""The binary framing of AWS's event streams: a prelude, headers, a payload, and a checksum over each part."""

import json
import struct
from binascii import crc32
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from botocore.eventstream import EventStreamBuffer, ParserError

from local.aws.speech.refusals import RefusalError

_STRING, _TIMESTAMP = 7, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it was received, its checksums being right; timestamps are milliseconds."""

    headers: Mapping[str, str | bytes | int]
    payload: bytes


class Decoder:
    """Cuts what comes in into messages."""

    def __init__(self) -> None:
        self._buffer = EventStreamBuffer()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield each message that is whole now; raise RefusalError for one that its checksums do not fit."""
        self._buffer.add_data(data)
        try:
            for event in self._buffer:
                yield Message(
                    headers=cast("Mapping[str, str | bytes | int]", event.headers), payload=event.payload
                )
        except ParserError as error:
            raise RefusalError("SerializationException", f"The message cannot be read: {error}") from error


def encode(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Frame a message whose headers are strings."""
    head = b"".join(
        encode_name(name) + struct.pack("!BH", _STRING, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    checked = prelude + struct.pack("!I", crc32(prelude)) + head + payload
    return checked + struct.pack("!I", crc32(checked))


def transcript_event(payload: bytes, *, spoiled: bool) -> bytes:
    """Frame what was understood; `spoiled` with a checksum that does not fit."""
    message = framed("event", "TranscriptEvent", payload)
    return spoil(message) if spoiled else message


def exception(error: RefusalError) -> bytes:
    """Frame what ends a stream that has begun."""
    return framed("exception", error.name, json.dumps({"Message": str(error)}).encode())


def framed(kind: str, name: str, payload: bytes) -> bytes:
    """Frame JSON as a message of a kind, `event` or `exception`, and of this name."""
    headers = {":content-type": "application/json", f":{kind}-type": name, ":message-type": kind}
    return encode(headers, payload)


def encode_date(milliseconds: int) -> bytes:
    """Return the header `:date` as it is signed."""
    return encode_name(":date") + struct.pack("!Bq", _TIMESTAMP, milliseconds)


def encode_name(name: str) -> bytes:
    return bytes([len(name)]) + name.encode()


def spoil(message: bytes) -> bytes:
    """Return the message with a checksum that does not fit."""
    return message[:-1] + bytes([message[-1] ^ 0xFF])
