"""Bodies of requests: bounded in size and depth, and strict about what JSON text may hold."""

import asyncio
import json
import math
import zlib
from typing import ClassVar

from starlette.requests import Request

from offhook.errors import InvalidInputError, OffhookError
from offhook.json_types import JsonValue

MAX_BODY_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
"""Beyond it JavaScript, and so whoever reads the number back, loses digits."""
BODY_LIMIT_S = 10.0
"""How long a body may take to arrive."""

JSON_TYPE = "application/json"
CSV_TYPE = "text/csv"


class BodyTooLargeError(InvalidInputError):
    """The body is larger than any request of ours needs."""

    code = "body-too-large"


class OtherMediaError(InvalidInputError):
    """The body says that it is something else than what is taken here."""

    code = "unsupported-media-type"


class EncodedBodyError(InvalidInputError):
    """The body is packed in a way that is not understood here."""

    code = "unsupported-content-encoding"


class BodyTooSlowError(InvalidInputError):
    """The body did not arrive in time."""

    code = "request-timeout"


class BoundedRequest(Request):
    """A request whose body is read up to a limit, of size and of time, and parsed once, before anything else looks."""

    body_limit_s: ClassVar[float] = BODY_LIMIT_S

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await self._read_in_time()
        return self._body

    async def json(self) -> JsonValue:
        if not hasattr(self, "_value"):
            self._value = parse_json(await self.body())
        return self._value

    async def check(self, wanted: str = JSON_TYPE) -> None:
        """Raise the fitting error unless the body is empty or of the media type that is wanted; JSON is parsed too."""
        if await self.body():
            media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
            is_json = wanted == JSON_TYPE
            if media_type != wanted and not (is_json and (not media_type or media_type.endswith("+json"))):
                name = "JSON" if is_json else "CSV"
                raise OtherMediaError(f"Send the body as {name}, with the header Content-Type: {wanted}.")
            if is_json:
                await self.json()

    async def _read_in_time(self) -> bytes:
        try:
            async with asyncio.timeout(self.body_limit_s):
                return await self._read()
        except TimeoutError:
            raise BodyTooSlowError(
                f"The body did not arrive within {self.body_limit_s:g} seconds: send it again, faster."
            ) from None

    async def _read(self) -> bytes:
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise EncodedBodyError("Send the body as it is or with Content-Encoding: gzip.")
        body = await self._read_encoded()
        return _unzipped(body) if encoding.endswith("gzip") else body

    async def _read_encoded(self) -> bytes:
        declared = self.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared[:19]) > MAX_BODY_BYTES:
            raise _too_large()
        chunks, size = [], 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise _too_large()
            chunks.append(chunk)
        return b"".join(chunks)


def _unzipped(body: bytes) -> bytes:
    """Return what gzip packed; no more than a body may have is ever unpacked."""
    # 16 says gzip, 15 the largest window.
    unpacking = zlib.decompressobj(wbits=16 + 15)
    try:
        unpacked = unpacking.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise _invalid("The body is not what its header Content-Encoding: gzip says.") from None
    if len(unpacked) > MAX_BODY_BYTES:
        raise _too_large()
    if not unpacking.eof or unpacking.unused_data:
        raise _invalid("The body is not one whole gzip file, as its header Content-Encoding: gzip says.")
    return unpacked


def parse_json(body: bytes, *, has_large_integers: bool = False) -> JsonValue:
    """Return the value of a JSON text; raise InvalidInputError for what can't be stored or shown again.

    Refused: other encodings than UTF-8, more than MAX_DEPTH levels, NaN and infinities, NUL, lone surrogates, and
    whole numbers beyond MAX_INTEGER unless the text may have them.
    """
    parse_int = int if has_large_integers else _bounded_int
    try:
        value: JsonValue = json.loads(body.decode(), parse_int=parse_int, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise _invalid("The body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _invalid(f"The body is not valid JSON at {place}: {error.msg}.") from None
    except ValueError:
        raise _invalid("The body holds a number that is too long.") from None
    _check(value)
    return value


def _check(root: JsonValue) -> None:
    level: list[JsonValue] = [root]
    for _ in range(MAX_DEPTH):
        level = _checked_inside(level)
    if any(isinstance(value, dict | list) for value in level):
        raise _too_deep()
    _checked_inside(level)


def _checked_inside(level: list[JsonValue]) -> list[JsonValue]:
    """Check the values of one level and return those inside them. One flat loop: a body has up to 500,000 values."""
    inside: list[JsonValue] = []
    for value in level:
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict):
            inside += value
            inside += value.values()
        elif isinstance(value, list):
            inside += value
        elif isinstance(value, float) and not math.isfinite(value):
            raise _invalid("The body holds a number that is too large.")
    return inside


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise _invalid("The body holds a NUL character, which no text may contain.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _invalid("The body holds half of a surrogate pair, which is no character.") from None


def _bounded_int(text: str) -> int:
    value = int(text)
    if abs(value) > MAX_INTEGER:
        raise _invalid(
            "The body holds a whole number beyond 2^53, which many clients can't read: send it as text."
        )
    return value


def _refuse_constant(name: str) -> float:
    raise _invalid(f"The body holds {name}, which JSON does not have.")


def _too_deep() -> OffhookError:
    return _invalid(f"The body is nested more than {MAX_DEPTH} levels deep.")


def _too_large() -> OffhookError:
    return BodyTooLargeError(f"The body has more than {MAX_BODY_BYTES} bytes: send less.")


def _invalid(msg: str) -> InvalidInputError:
    return InvalidInputError.at("body", msg=msg, code="invalid-json")
