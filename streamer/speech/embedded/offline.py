"""The embedded engines: clients of the offline speech server, which runs in a process of its own."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from offhook.agents.engines import EMBEDDED
from offhook.errors import EngineError
from offhook.json_types import JsonObject
from streamer.speech.embedded.gating import UtteranceGate
from streamer.speech.ports import Listening, Order, Recognition, RecognitionStream, Voice
from streamer.speech.pronouncing import with_aliases

_ENGINE = "offline"
_OPEN_TIMEOUT_SECONDS = 3.0
_ANSWER_TIMEOUT_SECONDS = 5.0
# Twenty seconds: as much as a held-up network may hand over at once. Who lags more hears the rest of the call too late.
_MOST_QUEUED_BYTES = 160_000


class OfflineRecogniser:
    """Recognises the phrases that the call expects; the server's `/recognise` socket, one for each caller."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        if not listening.language.lower().startswith("en"):
            raise EngineError(
                "The offline recogniser hears English only; set the agent's language to en-US.",
                engine=_ENGINE,
                retryable=False,
            )
        socket = await _connect(self._url)
        return _OfflineStream(socket, listening.language, on_recognition, on_failure)


class _OfflineStream:
    """One caller's socket. Owns one task, begun here and ended by `close`, which sends what the callbacks queued."""

    def __init__(
        self,
        socket: ClientConnection,
        language: str,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._socket = socket
        self._language = language
        self._on_recognition = on_recognition
        self._on_failure = on_failure
        self._outbox: deque[str | bytes] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._is_over = False
        self._unanswered: deque[asyncio.TimerHandle] = deque()
        self._gate = UtteranceGate(self._hand_on)
        self.engine = EMBEDDED
        self.recognised_bytes = 0
        self._task = asyncio.get_running_loop().create_task(self._run())

    def expect(self, phrases: Sequence[str]) -> None:
        self._queue(json.dumps({"type": "listen", "language": self._language, "phrases": list(phrases)}))

    def feed(self, audio: bytes) -> None:
        self._gate.feed(audio)

    def start_utterance(self) -> None:
        self._gate.open()

    def finish_utterance(self) -> None:
        self._gate.close()
        if not self._is_over:
            self._queue('{"type":"finish"}')
            loop = asyncio.get_running_loop()
            late = EngineError("The offline recogniser does not answer; restart it.", engine=_ENGINE)
            self._unanswered.append(loop.call_later(_ANSWER_TIMEOUT_SECONDS, self._fail, late))

    async def close(self) -> None:
        self._end()
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._socket.close()

    def _hand_on(self, audio: bytes) -> None:
        self.recognised_bytes += len(audio)
        if self._queued_bytes + len(audio) <= _MOST_QUEUED_BYTES:
            self._queued_bytes += len(audio)
            self._queue(audio)

    def _queue(self, message: str | bytes) -> None:
        if not self._is_over:
            self._outbox.append(message)
            self._wake.set()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send())
                tasks.create_task(self._receive())
        except* ConnectionClosed:
            self._fail(EngineError("The offline recogniser went away; restart it.", engine=_ENGINE))
        except* EngineError as errors:
            self._fail(errors.exceptions[0])

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outbox:
                message = self._outbox.popleft()
                if isinstance(message, bytes):
                    self._queued_bytes -= len(message)
                await self._socket.send(message)

    async def _receive(self) -> None:
        while True:
            answer = _parse(await self._socket.recv())
            kind = answer.get("type")
            if kind == "final" and self._unanswered:
                text = _text(answer, "text")
                self._unanswered.popleft().cancel()
                self._on_recognition(Recognition(text=text, is_final=True))
            elif kind == "partial":
                self._on_recognition(Recognition(text=_text(answer, "text"), is_final=False))
            else:
                _raise_if_error(answer)

    def _fail(self, error: Exception) -> None:
        if not self._is_over:
            self._end()
            self._on_failure(error)

    def _end(self) -> None:
        self._is_over = True
        self._outbox.clear()
        while self._unanswered:
            self._unanswered.popleft().cancel()


class OfflineSynthesiser:
    """Speaks with the server's `/synthesise` socket, a new one for each text: to stop listening is to cancel.

    Connecting costs 2 ms on loopback, which a pool would save at the price of telling late pieces of one text from the
    next one's.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes]:
        said = with_aliases(text, voice.pronunciations)
        socket = await _connect(self._url)
        try:
            await socket.send(json.dumps({"id": "1", "text": said, "voice": voice.name}))
            while isinstance(answer := await _receive(socket), bytes):
                yield answer
            _raise_if_error(_parse(answer))
        except ConnectionClosed as error:
            raise EngineError("The offline synthesiser went away; restart it.", engine=_ENGINE) from error
        finally:
            await socket.close()


async def _connect(url: str) -> ClientConnection:
    try:
        return await connect(
            url,
            compression=None,
            open_timeout=_OPEN_TIMEOUT_SECONDS,
            close_timeout=1,
            ping_interval=None,
            proxy=None,
        )
    except (OSError, TimeoutError, InvalidHandshake, InvalidMessage) as error:
        raise EngineError("The offline speech server cannot be reached; start it.", engine=_ENGINE) from error


async def _receive(socket: ClientConnection) -> str | bytes:
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_SECONDS):
            return await socket.recv()
    except TimeoutError as error:
        raise EngineError("The offline synthesiser does not answer; restart it.", engine=_ENGINE) from error


def _parse(answer: str | bytes) -> JsonObject:
    try:
        message = json.loads(answer)
    except ValueError as error:
        raise _malformed() from error
    if not isinstance(message, dict):
        raise _malformed()
    return message


def _text(answer: JsonObject, key: str) -> str:
    text = answer.get(key)
    if not isinstance(text, str):
        raise _malformed()
    return text


def _raise_if_error(answer: JsonObject) -> None:
    if answer.get("type") == "error":
        raise EngineError(_text(answer, "message"), engine=_ENGINE, retryable=False)


def _malformed() -> EngineError:
    return EngineError(
        "The offline speech server gives answers that make no sense; check that its version is the streamer's.",
        engine=_ENGINE,
        retryable=False,
    )
