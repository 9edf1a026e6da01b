"""Transcribe over HTTP/2 with the package `amazon-transcribe`, as it is, and cured of what would hurt a call.

As it comes it takes 80 % of a core for one quiet stream, has no time limits and no way to give a stream up, ends a broken
stream as if all had been said, asks for credentials with each piece of audio, and cannot say `transcript-format`.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from copy import copy
from functools import lru_cache, partial
from typing import Any

from amazon_transcribe import AWSCRTEventLoop
from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.deserialize import TranscribeStreamingEventParser
from amazon_transcribe.endpoints import StaticEndpointResolver
from amazon_transcribe.eventstream import ParserError
from amazon_transcribe.exceptions import HTTPException, SDKError, ServiceException, UnknownServiceException
from amazon_transcribe.httpsession import AwsCrtHttpResponse, AwsCrtHttpSessionManager
from amazon_transcribe.model import StartStreamTranscriptionEventStream
from amazon_transcribe.request import Request
from amazon_transcribe.serialize import TranscribeStreamingSerializer
from amazon_transcribe.structures import BufferableByteStream
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpClientConnection
from awscrt.io import ClientTlsContext, SocketOptions, TlsContextOptions
from botocore.credentials import ReadOnlyCredentials

from streamer.speech.aws_failures import AwsSpeechError, Failure, failure_named
from streamer.speech.transcribe.options import Patience, Place, TranscribeOptions, Transport
from streamer.speech.transcribe.results import TranscribeResult, read_event
from streamer.speech.transcribe.stream import SERVICE, Outlet

_PREFIX = "x-amzn-transcribe-"
# The common runtime asks for the body's next bytes over and over, holding the GIL; all streams share its one thread.
# A pause that shrinks with the number of streams was tried: at 50 it took 60 % more CPU, and the slowest 5 % came no sooner.
_EMPTY_READ_PAUSE_SECONDS = 0.002


async def open_http2(
    place: Place, options: TranscribeOptions, credentials: ReadOnlyCredentials, patience: Patience
) -> "Http2Stream":
    """Open a stream; raise AwsSpeechError."""
    session = _Session(place, options, credentials)
    try:
        async with asyncio.timeout(patience.open):
            stream = await session.start()
    except TimeoutError as error:
        raise AwsSpeechError(Failure.STALLED, service=SERVICE) from error
    except (SDKError, AwsCrtError) as error:
        raise _failure(error) from error
    else:
        return Http2Stream(session, stream, patience)
    finally:
        if not session.is_started:
            session.kill()


class Http2Stream:
    """One request in a connection of its own.

    Owns one task, which ends with the connection and is never cancelled: what it waits for is set by a thread of the
    common runtime, which a cancelled future would upset.
    """

    def __init__(
        self, session: "_Session", stream: StartStreamTranscriptionEventStream, patience: Patience
    ) -> None:
        self._session = session
        self._stream = stream
        self._patience = patience
        self._outlet = Outlet()
        self._is_finishing = False
        self._task = asyncio.get_running_loop().create_task(self._receive())

    async def send(self, pcm: bytes) -> None:
        self._outlet.raise_failure()
        if self._session.body.waiting_seconds > self._patience.send:
            self._outlet.end(AwsSpeechError(Failure.STALLED, service=SERVICE))
            self._outlet.raise_failure()
        await self._stream.input_stream.send_audio_event(audio_chunk=pcm)

    async def finish(self) -> None:
        self._is_finishing = True
        if self._outlet.failure is None:
            await self._stream.input_stream.end_stream()

    def results(self) -> AsyncIterator[TranscribeResult]:
        return self._outlet.results()

    async def close(self) -> None:
        self._outlet.end()
        self._session.kill()
        await asyncio.wait([self._task], timeout=self._patience.close)

    async def _receive(self) -> None:
        try:
            async for event in self._stream.output_stream:
                for result in event or ():
                    self._outlet.put(result)
            self._outlet.end(self._session.unwanted_end(is_finishing=self._is_finishing))
        except (SDKError, ParserError, AwsCrtError, ValueError) as error:
            self._outlet.end(_failure(error))
        finally:
            # The package goes on asking for audio after every end but the one that it was told of.
            self._session.kill()


class _Session:
    """A client for one stream, its body and its connection."""

    def __init__(self, place: Place, options: TranscribeOptions, credentials: ReadOnlyCredentials) -> None:
        self.body = _PacedBody()
        self.is_started = False
        self._connector = _Connector()
        self._ended: Future[int] = Future()
        self._client = copy(_template(place.region, place.url_for(Transport.HTTP2)))
        # The package takes none of these, or fetches them anew for each piece of audio. Signatures are chained:
        # credentials that change in the middle of a stream would break it.
        self._client._credential_resolver = StaticCredentialResolver(  # noqa: SLF001
            credentials.access_key or "", credentials.secret_key or "", credentials.token
        )
        self._client._serializer = _Serializer(options, self.body)  # noqa: SLF001
        self._client._session_manager = _SessionManager(place.ca_file, self._connector)  # noqa: SLF001

    async def start(self) -> StartStreamTranscriptionEventStream:
        stream = await self._client.start_stream_transcription(
            language_code="", media_sample_rate_hz=0, media_encoding=""
        )
        stream.output_stream._parser = _EventParser()  # noqa: SLF001 - as above
        raw: Any = stream.output_stream._raw_stream  # noqa: SLF001
        self._ended = raw._stream.completion_future  # noqa: SLF001 - nothing else tells how it ended
        self.is_started = True
        return stream

    def kill(self) -> None:
        """Close the connection, or have it closed as soon as it is there; nothing of the stream is left."""
        self.body.close()
        self._connector.close()

    def unwanted_end(self, *, is_finishing: bool) -> AwsSpeechError | None:
        """Say what ended the stream when its results are over; None for the end that was asked for."""
        ended: Future[int] = self._ended
        error = ended.exception() if ended.done() else None
        if error is None and is_finishing:
            return None
        reason = getattr(error, "name", None) or "it ended before the audio did"
        return AwsSpeechError(Failure.LOST, service=SERVICE, reason=reason)


@lru_cache(maxsize=4)
def _template(region: str, url: str) -> TranscribeStreamingClient:
    # Kept: a client reads the machine's authorities as it is made, which takes 20 ms of CPU.
    return TranscribeStreamingClient(
        region=region,
        endpoint_resolver=StaticEndpointResolver(url),
        credential_resolver=StaticCredentialResolver("", ""),
    )


class _PacedBody(BufferableByteStream):
    """A body that makes the common runtime wait when there is no audio."""

    _waiting_since = 0.0

    @property
    def waiting_seconds(self) -> float:
        """How long nothing has been taken of what was sent."""
        return time.monotonic() - self._waiting_since if self._byte_chunks else 0.0

    def write(self, b: Any) -> int:
        if not self._byte_chunks:
            self._waiting_since = time.monotonic()
        return super().write(b)

    def read(self, size: int | None = -1) -> bytes:
        try:
            data: bytes = super().read(size) or b""
        except BlockingIOError:
            time.sleep(_EMPTY_READ_PAUSE_SECONDS)
            raise
        self._waiting_since = time.monotonic()
        return data


class _Serializer(TranscribeStreamingSerializer):
    """Asks for what the options say, `transcript-format` included, in place of the package's arguments."""

    def __init__(self, options: TranscribeOptions, body: _PacedBody) -> None:
        self._headers = {_PREFIX + name: value for name, value in options.parameters().items()}
        self._body = body

    def serialize_start_stream_transcription_request(self, endpoint: str, request_shape: Any) -> Request:
        request = super().serialize_start_stream_transcription_request(endpoint, request_shape)
        others = {name: value for name, value in request.headers.items() if not name.startswith(_PREFIX)}
        request.headers = others | self._headers
        request.body = self._body
        return request


class _EventParser(TranscribeStreamingEventParser):
    """Reads results with the reader that both transports share; what the service throws is the package's to tell."""

    def parse(self, raw_event: Any) -> Any:
        if raw_event.headers.get(":event-type") == "TranscriptEvent":
            return tuple(read_event(raw_event.payload))
        return super().parse(raw_event)


class _Connector:
    """Makes the one connection, which may be given up at any moment, also before it is there.

    The common runtime sets the future that it returned, and is upset by one that was cancelled: the package gets another.
    """

    def __init__(self) -> None:
        self._is_closed = False
        self._connection: HttpClientConnection | None = None

    def new(self, **arguments: Any) -> "Future[HttpClientConnection]":
        handed: Future[HttpClientConnection] = Future()

        def take(connecting: "Future[HttpClientConnection]") -> None:
            error = connecting.exception()
            if error is None:
                self._connection = connecting.result()
                if self._is_closed:
                    self._connection.close()
            if handed.set_running_or_notify_cancel():
                if error is None:
                    handed.set_result(connecting.result())
                else:
                    handed.set_exception(error)

        HttpClientConnection.new(**arguments).add_done_callback(take)
        return handed

    def close(self) -> None:
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()


class _SessionManager(AwsCrtHttpSessionManager):
    """The package's own, with our connector, and a TLS context that all calls share: each would take 20 ms of CPU."""

    def __init__(self, ca_file: str | None, connector: _Connector) -> None:
        self._client_bootstrap = AWSCRTEventLoop().bootstrap
        self._tls_ctx = _tls(ca_file)
        self._socket_options = SocketOptions()
        self._connections = {}
        self.HTTP_CONNECTION_CLS = connector

    async def make_request(self, *args: Any, **options: Any) -> AwsCrtHttpResponse:
        """Make the request, whose headers may never come: tell also that."""
        response = await super().make_request(*args, **options)
        stream: Any = response._stream  # noqa: SLF001
        stream.completion_future.add_done_callback(partial(_end_without_headers, response))
        return response


def _end_without_headers(response: AwsCrtHttpResponse, ended: "Future[int]") -> None:
    error = ended.exception() or HTTPException("The stream ended before the answer began.")
    for future in (response._status_code_future, response._headers_future):  # noqa: SLF001
        if not future.done():
            future.set_exception(error)


@lru_cache(maxsize=4)
def _tls(ca_file: str | None) -> ClientTlsContext:
    options = TlsContextOptions()
    if ca_file is not None:
        options.override_default_trust_store_from_path(ca_filepath=ca_file)
    return ClientTlsContext(options)


def _failure(error: Exception) -> AwsSpeechError:
    match error:
        case UnknownServiceException():
            failure = failure_named(str(error.error_code), status=int(error.status_code))
            return AwsSpeechError(failure, service=SERVICE, reason=str(error.error_code))
        case ServiceException():
            name = type(error).__name__
            return AwsSpeechError(failure_named(name), service=SERVICE, reason=name)
        case AwsCrtError():
            return AwsSpeechError(Failure.LOST, service=SERVICE, reason=error.name)
        case ParserError() | ValueError():
            return AwsSpeechError(Failure.CORRUPT, service=SERVICE, reason=type(error).__name__)
        case _:
            return AwsSpeechError(Failure.LOST, service=SERVICE, reason=type(error).__name__)
