"""One stream of Transcribe, whichever protocol carries it: requests in, results out, the service's limits, our faults."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from local.aws.speech.faults import Fault, Faults, Kind, Service
from local.aws.speech.refusals import RefusalError, bad_request
from local.aws.speech.transcribe_request import TranscriptionRequest, read_request
from local.aws.speech.transcript import Transcript
from local.aws.speech.words import Ear, Pace, ScriptedEar, Scripts
from offhook.errors import EngineError

_REMEMBERED_REQUESTS = 1000

_FAILURES = {
    Kind.THROTTLE: RefusalError(
        "LimitExceededException", "You have exceeded your rate limit. Try your request later.", status=429
    ),
    Kind.INTERNAL: RefusalError(
        "InternalFailureException", "A problem occurred while processing the audio.", status=500
    ),
    Kind.UNAVAILABLE: RefusalError(
        "ServiceUnavailableException", "Service is currently unavailable.", status=503
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the service bears: its quotas, and its patience."""

    idle_seconds: float = 15.0
    longest_seconds: float = 4 * 3600.0
    longest_event_seconds: float = 1.0
    streams: int = 25


@dataclass(slots=True, kw_only=True)
class Transcribe:
    """What all streams share."""

    scripts: Scripts = field(default_factory=Scripts)
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    pace: Pace = field(default_factory=Pace)
    vocabularies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    requests: deque[TranscriptionRequest] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_REQUESTS))
    make_ear: Callable[[TranscriptionRequest], Ear] | None = None

    def ear(self, request: TranscriptionRequest) -> Ear:
        return ScriptedEar(self.scripts) if self.make_ear is None else self.make_ear(request)


class Wire(Protocol):
    """How a stream's protocol says things."""

    async def open(self, request: TranscriptionRequest) -> None:
        """Take the request: send the answer's headers, where the protocol has not sent them yet."""

    async def send_event(self, payload: bytes, *, spoiled: bool = False) -> None:
        """Send a transcript event, if need be with a wrong checksum."""

    async def refuse(self, error: RefusalError) -> None:
        """Tell an error and end: as an HTTP answer before the headers, else as an exception event."""

    async def end(self) -> None:
        """End as the service does when all is said."""

    async def read_audio(self) -> bytes | None:
        """Return the next event's audio, or None at the end; raise RefusalError for an event that is wrong."""

    def pause_reading(self) -> None:
        """Take nothing more from the peer."""

    async def wait_closed(self) -> None:
        """Wait until the peer has gone."""

    def reset(self, *, connection: bool) -> None:
        """Break off: the stream by itself where the protocol can, or all of the connection."""


class _StruckError(Exception):
    """The stream is over by a fault, which has already been told or shown."""


class _StalledError(Exception):
    """The stream is left as it is until the peer goes away."""


class TranscribeStream:
    """Serves one stream from its request to its end."""

    def __init__(self, service: Transcribe, wire: Wire) -> None:
        self._service = service
        self._wire = wire
        self._strikes: asyncio.Queue[Fault] = asyncio.Queue()
        self._fault: Fault | None = None
        self._clock_ms = 0.0
        self._is_silent = False
        self._spoils_next = False

    async def serve(self, asked: Mapping[str, str], fault: Fault | None) -> None:
        """Serve the stream that is asked for by these parameters, with what is to befall it."""
        faults = self._service.faults
        busy = faults.live(Service.TRANSCRIBE) >= self._service.limits.streams
        unregister = faults.register(Service.TRANSCRIBE, self._strikes.put_nowait)
        try:
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(self._watch())
                await self._serve(asked, fault, busy=busy)
                watching.cancel()
        except* _StruckError:
            pass
        except* _StalledError:
            await self._wire.wait_closed()
        finally:
            unregister()

    async def _watch(self) -> None:
        while True:
            await self._befall(await self._strikes.get())

    async def _serve(self, asked: Mapping[str, str], fault: Fault | None, *, busy: bool) -> None:
        try:
            await self._start_fault(fault)
            if busy:
                # Not raised: an error that is always the same one would keep all that were refused with it.
                await self._wire.refuse(_FAILURES[Kind.THROTTLE])
                return
            request = read_request(asked, self._service.vocabularies)
            self._service.requests.append(request)
            await self._wire.open(request)
            await self._hear_all(request)
            await self._wire.end()
        except RefusalError as error:
            await self._wire.refuse(error)
        except EngineError:
            await self._wire.refuse(_FAILURES[Kind.INTERNAL])

    async def _start_fault(self, fault: Fault | None) -> None:
        if fault is not None and fault.after_ms is None:
            await self._befall(fault)
        else:
            self._fault = fault

    async def _hear_all(self, request: TranscriptionRequest) -> None:
        ear = self._service.ear(request)
        transcript = Transcript(request, self._service.pace)
        try:
            while (pcm := await self._next_audio(request)) is not None:
                self._clock_ms += len(pcm) / request.sample_rate_hz * 500
                for utterance in await ear.hear(pcm):
                    transcript.begin(utterance)
                for event in transcript.at(int(self._clock_ms)):
                    await self._tell(event)
                await self._due_fault()
            for utterance in await ear.finish():
                transcript.begin(utterance)
            for event in transcript.finish():
                await self._tell(event)
        finally:
            await ear.close()

    async def _next_audio(self, request: TranscriptionRequest) -> bytes | None:
        limits = self._service.limits
        try:
            async with asyncio.timeout(limits.idle_seconds):
                pcm = await self._wire.read_audio()
        except TimeoutError as error:
            raise bad_request(
                f"Your request timed out because no new audio was received for {limits.idle_seconds:.0f} seconds."
            ) from error
        if pcm is not None and len(pcm) > 2 * request.sample_rate_hz * limits.longest_event_seconds:
            raise bad_request("Your stream is too big. Reduce the frame size and try your request again.")
        if self._clock_ms > limits.longest_seconds * 1000:
            raise RefusalError(
                "LimitExceededException", "Your audio is too long. Break it into shorter streams.", status=429
            )
        return pcm

    async def _tell(self, event: bytes) -> None:
        if not self._is_silent:
            spoiled, self._spoils_next = self._spoils_next, False
            await self._wire.send_event(event, spoiled=spoiled)

    async def _due_fault(self) -> None:
        if (
            self._fault is not None
            and self._fault.after_ms is not None
            and self._clock_ms >= self._fault.after_ms
        ):
            fault, self._fault = self._fault, None
            await self._befall(fault)

    async def _befall(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.SLOW:
                await asyncio.sleep(fault.delay_ms / 1000)
                return
            case Kind.SILENCE:
                self._is_silent = True
                return
            case Kind.BAD_CRC:
                self._spoils_next = True
                return
            case Kind.STALL:
                self._wire.pause_reading()
                raise _StalledError
            case Kind.RESET_STREAM | Kind.RESET_CONNECTION:
                self._wire.reset(connection=fault.kind is Kind.RESET_CONNECTION)
            case Kind.END:
                await self._wire.end()
            case _:
                await self._wire.refuse(_FAILURES[fault.kind])
        raise _StruckError
