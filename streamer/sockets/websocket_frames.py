"""The little of RFC 6455 that the fast path of `media_socket` needs: where a frame ends, its payload, our headers."""

from functools import lru_cache

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without the compiled helper
    from websockets.utils import apply_mask

MAX_MESSAGE_BYTES = 65_535

WHOLE_TEXT = 0x81
WHOLE_BINARY = 0x82
INCOMPLETE = 0
UNUSUAL = -1

_CLOSE_OPCODE = 8
_MASKED = 0x80
_TWO_BYTE_LENGTH = 0xFE


def frame_end(data: bytes | bytearray, start: int) -> int:
    """Return where the client's frame at `start` ends, which may be past the data.

    INCOMPLETE when its header is not there yet; UNUSUAL for what a full implementation refuses as soon as it sees that
    much of it: an unmasked frame, which a client may not send, or one of more than MAX_MESSAGE_BYTES.
    """
    if len(data) - start < 2:
        return INCOMPLETE
    length = data[start + 1]
    if length < _MASKED:
        return UNUSUAL
    if length < _TWO_BYTE_LENGTH:
        return start + 6 + length - _MASKED
    if length == _TWO_BYTE_LENGTH:
        if len(data) - start < 4:
            return INCOMPLETE
        return start + 8 + (data[start + 2] << 8) + data[start + 3]
    return _long_frame_end(data, start)


def payload_of(data: bytes | bytearray, start: int, end: int) -> bytes:
    """Unmask what the whole frame from `start` to `end` carries."""
    length = data[start + 1]
    mask_start = start + (2 if length < _TWO_BYTE_LENGTH else 4 if length == _TWO_BYTE_LENGTH else 10)
    return apply_mask(data[mask_start + 4 : end], data[mask_start : mask_start + 4])


def is_close(kind: int) -> bool:
    """Say whether the first byte of a frame is that of a close message."""
    return kind & 15 == _CLOSE_OPCODE


@lru_cache(maxsize=2048)
def header(kind: int, length: int) -> bytes:
    """Return what stands before a server's payload of this length; `kind` is WHOLE_TEXT or WHOLE_BINARY."""
    if length < 126:
        return bytes((kind, length))
    if length < 65_536:
        return bytes((kind, 126)) + length.to_bytes(2, "big")
    return bytes((kind, 127)) + length.to_bytes(8, "big")


def _long_frame_end(data: bytes | bytearray, start: int) -> int:
    # Who writes a short length in eight bytes is odd, and allowed to.
    if len(data) - start < 10:
        return INCOMPLETE
    length = int.from_bytes(data[start + 2 : start + 10], "big")
    return start + 14 + length if length <= MAX_MESSAGE_BYTES else UNUSUAL
