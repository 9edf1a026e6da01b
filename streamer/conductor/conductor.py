"""The asyncio shell of one call: carries audio and events to the machine, and its commands to the engines.

The path of a chunk is one callback: decoded, recorded, judged by the voice detector, heard by the machine. Everything
slow is a task of this call's TaskGroup, under a time limit; an engine that fails becomes an event for the machine.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import assert_never

from offhook.errors import ProtocolError
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    DtmfEvent,
    EnginePart,
    EngineUse,
    Event,
    InjectEvent,
    SpeechEvent,
    SteerEvent,
    UsageEvent,
)
from offhook.sessions.commands import Refusal
from streamer.call import commands, events
from streamer.call.call_end import CallEnd
from streamer.call.machine import Machine
from streamer.conductor.clips import Clips, ClipShelf
from streamer.conductor.engines import Engines
from streamer.conductor.extracting import Extracting
from streamer.conductor.hearing import Hearing
from streamer.conductor.leaving import Leaving
from streamer.conductor.line import LineSocket, LineStream
from streamer.conductor.playout import Pacer, Playout
from streamer.conductor.quiet_line import QuietLine
from streamer.conductor.recorder import Recorder
from streamer.conductor.succeeding import NoSuccessorError, Succession, Successors
from streamer.conductor.synthesising import Synthesising
from streamer.conductor.tap import Tap
from streamer.conductor.thinking import Thinking
from streamer.conductor.tooling import Toolbox, Tooling
from streamer.conductor.using import Using, recognised
from streamer.media.events import Audio, Digit, MarkReached, Stopped
from streamer.media.mulaw import CHUNK_BYTES, RATE_HZ, SILENT_CHUNK
from streamer.speech.beep import BeepDetector
from streamer.speech.ports import Listening
from streamer.speech.speaker import Speaker
from streamer.speech.thinker import Thinker

logger = logging.getLogger(__name__)

# A carrier sends audio even of silence; one that sends less than half of it for this long has lost the call.
NO_AUDIO_LIMIT_S = 30.0
# A second of a call in which nothing is as it should be; a single strange digit must end no call.
MAX_ODD_MESSAGES = 50
# The longest that an agent may be told to talk is an hour; the minute is for its goodbye.
MAX_DURATION_S = 3660.0
# For how long the run of a call that is over waits for tools, and for values that are looked for.
AFTER_LIMIT_S = 4.0
# What a caller waits for in silence, unless something is said before.
SUCCESSOR_LIMIT_S = 5.0
_SIGNS_OF_LIFE = (DtmfEvent, InjectEvent, SpeechEvent, SteerEvent)

_LINE_LOST = Refusal(
    code="line-lost",
    detail="The caller's line has broken off: try again in a few seconds, when it may be back.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """How this call sounds, and whom it tells: `on_record` for the event log, `on_recording` for audio segments.

    `warm_texts` are fixed texts that may be said later; they are synthesised while nobody waits for them. `apology` is what
    must be at hand whatever fails, so that it is made along with the greeting. The `shelf` has clips of former processes. A
    line with less than half of the caller's audio for `no_audio_limit_s` is dead, and after `idle_limit_s` without a sign of
    the caller or an operator the call ends. The machine's clock is the caller's
    audio, so `max_duration_s` is a limit by the clock on the wall. Without `transfers` none can be made, without a `toolbox`
    no tool is called, and without `successors` the call is handed on to no other agent. Services that are
    asked too often serve one `organization_id` after the other.
    """

    listening: Listening
    on_record: Callable[[Event], None]
    organization_id: str = ""
    on_recording: Callable[[bytes], None] | None = None
    apology: Sequence[str] = ()
    warm_texts: Sequence[str] = ()
    shelf: ClipShelf | None = None
    transfers: Leaving | None = None
    toolbox: Toolbox | None = None
    successors: Successors | None = None
    no_audio_limit_s: float = NO_AUDIO_LIMIT_S
    idle_limit_s: float = math.inf
    max_duration_s: float = MAX_DURATION_S


class Conductor:
    """Conducts one call from the handshake to its end."""

    def __init__(
        self,
        *,
        socket: LineSocket,
        stream: LineStream,
        pacer: Pacer,
        engines: Engines,
        clips: Clips,
        machine: Machine,
        options: CallOptions,
    ) -> None:
        self._socket = socket
        self._stream = stream
        self._machine = machine
        self._options = options
        self._recording = Recorder() if options.on_recording is not None else None
        self._recorder: Recorder | Tap | None = self._recording
        self._playout = Playout(pacer, socket, stream, self)
        self._hearing = Hearing(engines, on_event=self.tell)
        self._synthesising = Synthesising(
            speaker=Speaker(engines.voices, organization_id=options.organization_id),
            clips=clips,
            playout=self._playout,
            on_event=self.tell,
            shelf=options.shelf,
        )
        thinker = Thinker(engines.models)
        self._thinking = Thinking(
            thinker=thinker,
            on_event=self.tell,
            language=options.listening.language,
            max_tokens=engines.max_reply_tokens,
        )
        self._extracting = Extracting(thinker, engines.models, on_found=self._errand_done)
        self._tooling = Tooling(options.toolbox, on_answer=self._errand_done)
        self._errands: set[asyncio.Task[None]] = set()
        self._background: list[asyncio.Task[None]] = []
        self._using = Using(self._engines_did)
        self._odd_messages = 0
        self._rest = b""
        self.heard_bytes = 0
        self._heard_at_s = self._lived_at_s = time.monotonic()
        self._rests_since_s: float | None = None
        self._quiet_line = QuietLine(self)
        self._beep: BeepDetector | None = None
        self._succession: Succession | None = None
        self._todo: deque[commands.Command] = deque()
        self._is_applying = False
        self._tasks: asyncio.TaskGroup
        self._lasting: asyncio.TaskGroup
        self._over = asyncio.Event()
        self._has_sounded = asyncio.Event()
        self._end_reason: EndReason | None = None
        self.must_hang_up = False
        self.stream_was_lost = False

    async def run(self, lasting: asyncio.TaskGroup | None = None) -> CallEnd | None:
        """Conduct the call and return how it has ended; None when its stream is over and the call may live on.

        What may last longer than the talk, such as a tool that was sent, is a task of `lasting`: see `finish`.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._lasting = lasting or tasks
                self._hearing.open(self._options.listening)
                await self._synthesising.stock()
                self._background = [
                    tasks.create_task(self._synthesising.run(tasks)),
                    tasks.create_task(self._watch_the_line()),
                    tasks.create_task(self._watch_for_life(self._options.idle_limit_s)),
                    tasks.create_task(self._warm_up()),
                ]
                self._apply(self._machine.start())
                if self._end_reason is not None:
                    self.end(self._end_reason)
                self._socket.attach(self)
                self._quiet_line.watch()
                await self._over.wait()
                for task in self._background:
                    task.cancel()
                # Closed first: there is nothing to clear when all was heard, and no one to tell when the carrier stopped.
                self._playout.close()
                self._synthesising.stop()
                self._thinking.cancel()
                self._cancel_transfer()
                if lasting is None:
                    await self.finish(limit_s=0)
        finally:
            self._quiet_line.stop()
            self._playout.close()
            self._hand_over_recording()
            await self._hearing.close()
        return self.ended

    async def finish(self, limit_s: float = AFTER_LIMIT_S) -> None:
        """Give tools that were sent, and values that are looked for, so long, then let go of them."""
        if self._errands:
            await asyncio.wait(self._errands, timeout=limit_s)
        for task in self._errands:
            task.cancel()

    def end(self, reason: EndReason) -> None:
        """End the call from our side."""
        # A call that has not begun remembers it.
        self._end_reason = reason
        self.tell(events.EndRequested(reason=reason))

    def drain_is_over(self) -> None:
        """End the call with a last sentence, as soon as that can be; told again, nothing is said twice."""
        if not self._over.is_set():
            self.tell(events.DrainOver())

    def listen_in(self, on_audio: Callable[[bytes], None] | None) -> None:
        """Give what both say, as a `Tap` does, to this listener from now on; None to nobody any more."""
        self._recorder = self._recording if on_audio is None else Tap(self._recording, on_audio)

    def hold(self) -> None:
        """Say nothing for now."""
        self._playout.hold()

    def go_on(self) -> None:
        """Say what was held back."""
        self._playout.go_on()

    def rest(self) -> None:
        """Stand still, the call's clock too, while nobody is on the line who may come back; what was not heard is kept."""
        if self._rests_since_s is None:
            self._rests_since_s = time.monotonic()
            self._playout.rest()
            if self._recorder is not None:
                self._recorder.cut()

    def wake(self) -> None:
        """Go on from where the call stood still."""
        if self._rests_since_s is not None:
            self._heard_at_s += time.monotonic() - self._rests_since_s
            self._rests_since_s = None
            self._playout.wake()

    def caller_is_gone(self) -> None:
        """Tell the machine that the caller will not come back."""
        self.tell(events.CallerGone())

    @property
    def is_away(self) -> bool:
        """Say whether the caller has left our stream to be put through: `tell` what becomes of them."""
        return self._machine.is_away

    @property
    def ended(self) -> CallEnd | None:
        """How the call has ended; None while it has not."""
        return self._machine.ended

    def operate(self, wanted: events.OperatorEvent) -> Refusal | None:
        """Do what an operator wants, or return why that can't be."""
        refusal = _LINE_LOST if self.stream_was_lost else self._machine.refusal_of(wanted)
        if refusal is None:
            self.tell(wanted)
        return refusal

    def usage(self) -> UsageEvent:
        """Return what the engines did for this call since that was told the last time."""
        return self._using.take(self._machine.turn)

    def _engines_did(self) -> Iterator[EngineUse]:
        yield from recognised(self._hearing.recognised)
        for engine, characters in self._synthesising.characters.items():
            yield EngineUse(part=EnginePart.SYNTHESISER, engine=engine, characters=characters)
        for engine, tokens in self._thinking.uses.items():
            yield EngineUse(part=EnginePart.MODEL, engine=engine, **asdict(tokens))

    # --- what the socket calls ---

    def on_message(self, data: bytes | str) -> None:
        """Take a message of the carrier; raise ProtocolError when it does not stop breaking the protocol."""
        try:
            event = self._stream.receive(data)
        except ProtocolError as error:
            self._pass_over(error)
            return
        self._odd_messages = 0
        if type(event) is Audio:
            self._hear(event.payload)
        elif type(event) is MarkReached:
            if (segment_id := self._playout.segment_of(event.name)) is not None:
                self.tell(events.SegmentHeard(segment_id=segment_id))
        elif type(event) is Digit:
            self.tell(events.KeyPressed(key=event.digit))
        elif type(event) is Stopped:
            self._playout.close()
            self._tell_stream_ended()
            # The stream of a caller who is put through ends too.
            if not self._machine.is_away:
                self.caller_is_gone()

    def _pass_over(self, error: ProtocolError) -> None:
        if self._odd_messages == 0:
            logger.warning("odd message passed over", extra={"reason": error.detail})
        self._odd_messages += 1
        if self._odd_messages >= MAX_ODD_MESSAGES:
            raise error

    def on_closed(self) -> None:
        """Note that the socket is gone without a goodbye, while the caller may still be on the line."""
        self._tell_stream_ended()
        if not self._over.is_set():
            self.stream_was_lost = True
            self._over.set()

    def _hear(self, audio: bytes) -> None:
        if not self._rest and len(audio) == CHUNK_BYTES:
            self._hear_chunk(audio)
            return
        audio = self._rest + audio
        whole = len(audio) - len(audio) % CHUNK_BYTES
        self._rest = audio[whole:]
        for start in range(0, whole, CHUNK_BYTES):
            self._hear_chunk(audio[start : start + CHUNK_BYTES])

    def _hear_chunk(self, chunk: bytes) -> None:
        self.heard_bytes += CHUNK_BYTES
        self._heard_at_s = time.monotonic()
        if self._beep is not None:
            self._listen_for_beep(self._beep, chunk)
        if self._recorder is not None:
            self._recorder.hear(chunk)
            if self._recorder.is_due:
                self._hand_over_recording()
        todo = self._machine.hear(self._hearing.is_voiced(chunk))
        if todo:
            self._apply(todo)

    def _listen_for_beep(self, beep: BeepDetector, chunk: bytes) -> None:
        if beep.hear(chunk):
            self._beep = None
            self.tell(events.BeepHeard())
        elif beep.is_over:
            self._beep = None

    # --- what the quiet line calls ---

    @property
    def is_in_word(self) -> bool:
        """Say whether the caller was speaking just now, without a pause in which they could have finished."""
        return self._machine.is_in_word

    def pass_silence(self, chunks: int) -> None:
        """Let time pass in which the carrier sent nothing, as if it had sent silence; for the recogniser alone, in a rest."""
        for _ in range(chunks):
            if self._rests_since_s is not None:
                self._hearing.pass_silence()
                continue
            if self._recorder is not None:
                self._recorder.hear(SILENT_CHUNK)
                if self._recorder.is_due:
                    self._hand_over_recording()
            self._hearing.pass_silence()
            self._heard_at_s = time.monotonic()
            self._apply(self._machine.hear(voiced=False))

    # --- what the pacer calls ---

    def on_segment_started(self, segment_id: str) -> None:
        """Tell the machine that a segment begins to sound."""
        self._has_sounded.set()
        self._synthesising.sounds(segment_id)
        self.tell(events.SegmentStarted(segment_id=segment_id))

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        """Record what the caller is going to hear."""
        if self._recorder is not None:
            self._recorder.say(audio, lead_ms)

    # --- events and commands ---

    def tell(self, event: events.Event) -> None:
        """Tell the machine what has happened: also what became of a caller who is away."""
        now_s = time.monotonic() if self._rests_since_s is None else self._rests_since_s
        later_ms = (now_s - self._heard_at_s) * 1000
        self._apply(self._machine.handle(event, later_ms=later_ms))

    def _apply(self, todo: Sequence[commands.Command]) -> None:
        # Carrying out a command may bring the next event at once; the commands of that one wait for their turn.
        self._todo.extend(todo)
        if self._is_applying:
            return
        self._is_applying = True
        try:
            while self._todo:
                self._carry_out(self._todo.popleft())
        finally:
            self._is_applying = False
        if self._machine.has_ended or self._machine.is_away:
            self._over.set()

    def _carry_out(self, command: commands.Command) -> None:
        match command:
            case commands.Append():
                self._record(command.event)
            case commands.Say():
                self._synthesising.say(command)
            case commands.Prepare():
                self._synthesising.prepare(command, self._tasks)
            case commands.DropPrepared():
                self._synthesising.drop_prepared()
            case commands.StopPlayback():
                self._synthesising.stop()
                if self._recorder is not None:
                    self._recorder.cut()
            case commands.DropQueued():
                self._synthesising.drop(command.segment_ids)
            case commands.PausePlayback():
                self._playout.pause()
                if self._recorder is not None:
                    self._recorder.cut()
            case commands.ResumePlayback():
                self._playout.resume()
            case commands.Expect():
                self._hearing.expect(command.phrases)
            case commands.StartUtterance():
                self._hearing.start_utterance()
            case commands.FinishUtterance():
                self._hearing.finish_utterance()
            case commands.AskModel():
                self._thinking.ask(command, self._tasks)
            case commands.CancelModel():
                self._thinking.cancel()
            case commands.CallTools():
                self._tooling.call(command, self._run_errand)
            case commands.Extract():
                self._run_errand(self._extracting.extract(command))
            case commands.HangUp():
                self.must_hang_up = True
            case commands.AwaitBeep():
                self._beep = BeepDetector(within_ms=command.within_ms)
            case commands.Transfer():
                self._leave(lambda leaving: leaving.carry_out(command, self.tell))
            case commands.SendDigits():
                self._leave(lambda leaving: leaving.send_digits(command.digits, self.tell))
            case commands.CancelTransfer():
                self._cancel_transfer()
            case commands.FindSuccessor():
                self._find_successor(command)
            case commands.Become():
                self._become()
            case _:
                assert_never(command)

    def _record(self, event: Event) -> None:
        if isinstance(event, _SIGNS_OF_LIFE):
            self._lived_at_s = time.monotonic()
        if self._using.ends_turn(event):
            used = self.usage()
            if used.engines:
                self._options.on_record(used)
        self._options.on_record(event)

    def _run_errand(self, errand: Coroutine[None, None, None]) -> None:
        task = self._lasting.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _errand_done(self, event: events.ToolAnswered | events.Extracted) -> None:
        # What comes when the talk is over is for the record alone: there is nobody to go on with.
        if self._over.is_set():
            self._apply(self._machine.note(event))
        else:
            self.tell(event)

    def _leave(self, way: Callable[[Leaving], Coroutine[None, None, None]]) -> None:
        if self._options.transfers is None:
            self.tell(events.TransferFailed(reason="telephony-not-configured"))
        else:
            self._tasks.create_task(way(self._options.transfers))

    def _find_successor(self, command: commands.FindSuccessor) -> None:
        if self._options.successors is None:
            self.tell(events.HandoffFailed(reason="not-supported"))
        else:
            self._run_beside(self._fetch_successor(self._options.successors, command))

    async def _fetch_successor(self, successors: Successors, command: commands.FindSuccessor) -> None:
        try:
            async with asyncio.timeout(SUCCESSOR_LIMIT_S):
                self._succession = await successors.find(
                    command.agent_uuid, from_agent_uuid=command.from_agent_uuid
                )
        except NoSuccessorError as error:
            self.tell(events.HandoffFailed(reason=error.code))
        except TimeoutError:
            self.tell(events.HandoffFailed(reason="timeout"))
        else:
            self.tell(self._succession.ready)

    def _become(self) -> None:
        """Speak, hear and think as the agent that was fetched."""
        succession = self._succession
        if succession is None:
            return
        engines = succession.engines
        self._synthesising.become(engines.voices)
        self._thinking.become(
            engines.models,
            language=succession.listening.language,
            max_tokens=engines.max_reply_tokens,
        )
        self._extracting.become(engines.models)
        self._tooling.become(succession.runner)
        if succession.ready.hears_anew:
            self._hearing.begin_anew(engines, succession.listening)
            self._run_beside(self._hearing.close_former())
        self._run_beside(self._synthesising.warm_up(succession.texts))

    def _run_beside(self, work: Coroutine[None, None, None]) -> None:
        """Do this beside the talk; no call's end waits for it."""
        self._background.append(self._tasks.create_task(work))

    def _tell_stream_ended(self) -> None:
        if self._options.transfers is not None:
            self._options.transfers.stream_ended()

    def _cancel_transfer(self) -> None:
        if self._options.transfers is not None:
            self._options.transfers.cancel()

    async def _warm_up(self) -> None:
        await self._synthesising.warm_up(self._options.apology)
        # The greeting comes first: the caller waits for it.
        await self._has_sounded.wait()
        await self._synthesising.warm_up([*self._options.apology, *self._options.warm_texts])

    # --- the line ---

    async def _watch_the_line(self) -> None:
        limit_s, left_s = self._options.no_audio_limit_s, self._options.max_duration_s
        least_bytes = limit_s * RATE_HZ / 2
        while left_s > limit_s:
            before = self.heard_bytes
            await asyncio.sleep(limit_s)
            left_s -= limit_s
            if self.heard_bytes - before < least_bytes:
                self.caller_is_gone()
                self.must_hang_up = True
        await asyncio.sleep(left_s)
        self.end(EndReason.TOO_LONG)

    async def _watch_for_life(self, limit_s: float) -> None:
        if limit_s == math.inf:
            return
        left_s = limit_s
        while left_s > 0:
            await asyncio.sleep(left_s)
            left_s = self._lived_at_s + limit_s - time.monotonic()
        self.end(EndReason.IDLE)

    def _hand_over_recording(self) -> None:
        if self._recorder is None or self._options.on_recording is None:
            return
        segment = self._recorder.take()
        if segment:
            self._options.on_recording(segment)
