"""Amazon Polly through the SDK, a thread for each text, as mu-law from its first syllable on."""

import asyncio
import re
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast
from xml.sax.saxutils import escape, quoteattr

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.session import Session
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as BodyTimeoutError

from offhook.agents.pronunciations import Pronunciation
from streamer.media import mulaw
from streamer.speech.aws_failures import AwsSpeechError, Failure, failure_named
from streamer.speech.pronouncing import Pronunciations, parts

if TYPE_CHECKING:
    from mypy_boto3_polly.client import PollyClient as SdkClient
    from mypy_boto3_polly.literals import OutputFormatType

SERVICE = "Polly"

_RATE_HZ = "8000"
_PIECE_BYTES = 4000
# What a voice or engine answers that does not make a format. Which of them the service takes is not documented.
_FORMAT_REFUSALS = ("ValidationException", "InvalidSampleRateException", "InvalidParameterValueException")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def make_client(
    session: Session,
    *,
    region: str,
    url: str | None = None,
    connections: int = 64,
    connect_timeout_seconds: float = 1.0,
    read_timeout_seconds: float = 3.0,
) -> "SdkClient":
    """Make the SDK's client: no retries of its own, which would be two seconds of silence, and a connection a thread."""
    config = Config(
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        retries={"total_max_attempts": 1},
        max_pool_connections=connections,
    )
    client = session.create_client("polly", region_name=region, endpoint_url=url, config=config)
    return cast("SdkClient", client)


def to_ssml(text: str, pronunciations: Pronunciations = ()) -> str:
    """Write a text as SSML: what would be markup is escaped, what XML does not allow is left out."""
    clean = _NOT_XML.sub("", text)
    return f"<speak>{''.join(_marked_up(*part) for part in parts(clean, pronunciations))}</speak>"


def _marked_up(words: str, how: Pronunciation | None) -> str:
    if how is None:
        return escape(words)
    if how.ipa is not None:
        return f'<phoneme alphabet="ipa" ph={quoteattr(how.ipa)}>{escape(words)}</phoneme>'
    return f"<sub alias={quoteattr(_NOT_XML.sub('', how.alias or ''))}>{escape(words)}</sub>"


class Polly:
    """Speaks texts; each takes a thread of the executor, and a connection, until it ends or is given up."""

    def __init__(self, client: "SdkClient", threads: Executor) -> None:
        self._client = client
        self._threads = threads
        self._without_mulaw: set[tuple[str, str]] = set()

    async def speak(
        self,
        text: str,
        *,
        voice: str,
        engine: str,
        is_ssml: bool = False,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the speech as mu-law, 8000 Hz, as it comes in; raise AwsSpeechError.

        The first piece is empty: a thread has taken the request, and the answer is awaited.
        Who stops listening (`aclose`) frees thread and connection at once, or, before the service has begun to answer,
        by the SDK's time limits.
        """
        speech = _Speech(self._client, _request(text, voice, engine, is_ssml=is_ssml))
        pieces: asyncio.Queue[bytes | AwsSpeechError | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def work() -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, b"")
            self._work(speech, lambda piece: loop.call_soon_threadsafe(pieces.put_nowait, piece))

        working = loop.run_in_executor(self._threads, work)
        try:
            while (piece := await pieces.get()) is not None:
                if isinstance(piece, AwsSpeechError):
                    raise piece
                yield piece
        finally:
            speech.give_up()
            working.cancel()  # one that has not begun has nothing to free

    def _work(self, speech: "_Speech", hand_over: Callable[[bytes | AwsSpeechError | None], object]) -> None:
        """Speak in a thread; what is handed over last is None or the failure."""
        try:
            for piece in self._pieces(speech):
                hand_over(piece)
            hand_over(None)
        except AwsSpeechError as error:
            hand_over(error)

    def _pieces(self, speech: "_Speech") -> Iterator[bytes]:
        key = (speech.request["VoiceId"], speech.request["Engine"])
        if key not in self._without_mulaw:
            try:
                speech.begin("mulaw")
            except AwsSpeechError as error:
                if error.reason not in _FORMAT_REFUSALS:
                    raise
            else:
                yield from speech.pieces()
                return
        speech.begin("pcm")
        self._without_mulaw.add(key)
        yield from speech.pieces()


class _Speech:
    """One text's request and answer; everything but `give_up` is called in its thread."""

    def __init__(self, client: "SdkClient", request: dict[str, Any]) -> None:
        self.request = request
        self._client = client
        self._lock = threading.Lock()
        self._is_given_up = False
        self._format = ""
        self._raw: Any = None
        self._connection: Any = None

    def begin(self, output_format: "OutputFormatType") -> None:
        """Ask for the speech and wait for the answer's headers; raise AwsSpeechError."""
        self._format = output_format
        if self._is_given_up:
            raise AwsSpeechError(Failure.LOST, service=SERVICE, reason="nobody listens any more")
        with _sdk_errors():
            answer = self._client.synthesize_speech(OutputFormat=output_format, **self.request)
        stream: Any = answer["AudioStream"]
        self._raw = stream._raw_stream  # noqa: SLF001 - what it wraps has `read1` and the socket
        with self._lock:
            # Taken away, so that the connection cannot go back to its pool, and be another text's, behind our back:
            # to shut down its socket is the one way to free a thread that waits for audio.
            self._connection, self._raw._connection = self._raw._connection, None  # noqa: SLF001
            if self._is_given_up:
                self._shut_down()

    def pieces(self) -> Iterator[bytes]:
        """Yield the speech as mu-law as it comes; raise AwsSpeechError."""
        is_whole = False
        odd = b""
        try:
            with _sdk_errors():
                while data := self._raw.read1(_PIECE_BYTES):
                    if self._format == "mulaw":
                        yield data
                    else:
                        data = odd + data
                        whole = len(data) // 2 * 2
                        odd = data[whole:]
                        yield mulaw.encode(data[:whole])
                is_whole = not self._is_given_up
        finally:
            self._release(is_whole=is_whole)

    def give_up(self) -> None:
        """Free the thread that waits for this speech; may be called from another, at any time."""
        with self._lock:
            self._is_given_up = True
            self._shut_down()

    def _shut_down(self) -> None:
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _release(self, *, is_whole: bool) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            if not is_whole or self._is_given_up:
                connection.close()  # the pool opens it anew when it needs it
            self._raw._connection = connection  # noqa: SLF001
            self._raw.release_conn()


def _request(text: str, voice: str, engine: str, *, is_ssml: bool) -> dict[str, Any]:
    return {
        "Text": text,
        "TextType": "ssml" if is_ssml else "text",
        "VoiceId": voice,
        "Engine": engine,
        "SampleRate": _RATE_HZ,
    }


@contextmanager
def _sdk_errors() -> Iterator[None]:
    """Raise AwsSpeechError in place of what the SDK, and below it urllib3, raise."""
    try:
        yield
    except ClientError as error:
        name = str(error.response.get("Error", {}).get("Code", "unknown"))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
        raise AwsSpeechError(failure_named(name, status=status), service=SERVICE, reason=name) from error
    except (ReadTimeoutError, ConnectTimeoutError, BodyTimeoutError) as error:
        raise AwsSpeechError(Failure.STALLED, service=SERVICE) from error
    except (NoCredentialsError, ParamValidationError) as error:
        raise AwsSpeechError(Failure.REFUSED, service=SERVICE, reason=type(error).__name__) from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise AwsSpeechError(Failure.LOST, service=SERVICE, reason=type(error).__name__) from error
