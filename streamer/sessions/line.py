"""The line of a web call: in the hands of one client after the other, and for a while in nobody's."""

import asyncio
import logging
from binascii import a2b_base64
from collections.abc import Sequence
from itertools import groupby

from offhook.clock import Clock
from offhook.runs.end_reasons import EndReason
from offhook.runs.model import Run
from offhook.sessions.client_frames import StartFrame
from offhook.sessions.frames import AudioEncoding, AudioFormat, Clear, Mark, frame_text
from streamer.conductor.line import LineCall
from streamer.failures import log_failure
from streamer.media.events import Audio, Event, MarkReached
from streamer.sessions.codecs import codec_in, codec_out
from streamer.sessions.session_client import SessionClient
from streamer.sockets.close_codes import CloseCode, Closing, closing_for

logger = logging.getLogger(__name__)

TAKEN = Closing(CloseCode.NORMAL, "Another client has taken the line over.")
"""Not 1012, at which a client would come back and take it over in its turn."""


class WebLine:
    """One call's line, its socket and its stream in one: whoever holds it is the caller.

    Without a holder the call rests. It ends as if the caller had left when nobody has taken the line for `place_s`. From
    the holder come audio, as bytes, and the names of marks that were played, as text.
    """

    def __init__(self, run: Run, *, clock: Clock, place_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._session_id = run.session_id
        self._is_unwanted = run.hangup_requested_at is not None
        self._clock = clock
        self._place_s = place_s
        self._place_ends: asyncio.TimerHandle | None = None
        self._is_given_up = False
        self._hold: Hold | None = None
        self._call: LineCall | None = None

    def give(self, client: SessionClient, frame: StartFrame) -> "Hold":
        """Make this client the caller, in the place of any other."""
        self._rest()
        former, self._hold = self._hold, Hold(self, client, frame)
        if former is not None and former.client is not client:
            former.client.close(TAKEN.code, TAKEN.reason)
        self._keep_no_place()
        if self._call is not None:
            self._call.wake()
        hold = self._hold
        if not client.is_open:
            self.lose(hold)
        return hold

    def lose(self, hold: "Hold") -> None:
        """Keep the caller's place for a while: they may come back, here or in another process."""
        if hold is self._hold:
            self._hold = None
            self._rest()
            self._place_ends = self._loop.call_later(self._place_s, self.give_up)

    def is_held_by(self, hold: "Hold") -> bool:
        """Say whether this is the present holder."""
        return hold is self._hold

    def give_up(self) -> None:
        """End the call, as a caller does who hangs up."""
        self._is_given_up = True
        if self._call is not None:
            self._call.caller_is_gone()

    def take(self, hold: "Hold", message: bytes | str) -> None:
        """Give the call what its caller sends; before it has begun, there is nothing to be said to it."""
        if hold is not self._hold or self._call is None:
            return
        try:
            self._call.on_message(message)
        except Exception as error:  # noqa: BLE001 - the top of a call, as far as its messages go
            self.fail(error)

    def close(self, closing: Closing) -> None:
        """Let go of whoever holds the line: the call goes on elsewhere, or has failed."""
        self.is_over()
        hold, self._hold = self._hold, None
        if hold is not None:
            hold.client.close(closing.code, closing.reason)

    def is_over(self) -> None:
        """Keep nobody's place: no call is left."""
        self._call = None
        self._keep_no_place()

    # --- what the call uses ---

    def attach(self, call: LineCall) -> None:
        """Give all that comes to this call."""
        self._call = call
        if self._is_unwanted:
            call.end(EndReason.HANGUP_REQUESTED)
        elif self._is_given_up:
            call.caller_is_gone()
        elif self._hold is None:
            call.rest()

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        """Send frames and audio to whoever holds the line; to nobody, do nothing."""
        if self._hold is not None:
            self._hold.send(messages)

    def fail(self, error: Exception) -> None:
        """Give up the call, because a callback of it raised this error."""
        closing = closing_for(error)
        if closing.code is CloseCode.INTERNAL_ERROR:
            log_failure(logger, "callback of a web call failed", error)
        call = self._call
        self.close(closing)
        if call is not None:
            call.on_closed()

    def receive(self, message: str | bytes) -> Event:
        """Return what the caller has sent."""
        return Audio(message) if isinstance(message, bytes) else MarkReached(name=message)

    def media(self, payload: str) -> bytes:
        """Return audio as it is, mu-law; the holder's form is their own."""
        return a2b_base64(payload)

    def mark(self, name: str) -> str:
        """Write that all of a sentence was sent."""
        return frame_text(self._session_id, Mark(name=name), self._clock())

    def clear(self) -> str:
        """Write that what was not played is to be dropped."""
        return frame_text(self._session_id, Clear(), self._clock())

    def _rest(self) -> None:
        if self._call is not None:
            self._call.rest()

    def _keep_no_place(self) -> None:
        if self._place_ends is not None:
            self._place_ends.cancel()
            self._place_ends = None


class Hold:
    """A line in the hands of the client that has started it, with the forms of audio that it has asked for."""

    def __init__(self, line: WebLine, client: SessionClient, frame: StartFrame) -> None:
        self.client = client
        self.audio_in = _format(frame.audio_in.encoding)
        self.audio_out = _format(frame.audio_out.encoding)
        self._line = line
        self._in = codec_in(frame.audio_in.encoding)
        self._out = codec_out(frame.audio_out.encoding)

    def send(self, messages: Sequence[str | bytes]) -> None:
        """Send what the call says, consecutive audio in one piece."""
        for kind, group in groupby(messages, type):
            if kind is bytes:
                self.client.send_audio(self._out(b"".join(group)))  # type: ignore[arg-type]
            else:
                self.client.send_many(list(group))

    # --- what the client uses ---

    def hear(self, audio: bytes) -> None:
        """Take the caller's audio; raise ProtocolError for what is none, or more than a second of it."""
        self._line.take(self, self._in(audio))

    def played(self, name: str) -> None:
        """Learn that the audio before this mark was played, or cleared."""
        self._line.take(self, name)

    def hang_up(self) -> None:
        """End the call, unless another client has it by now."""
        if self._line.is_held_by(self):
            self._line.give_up()

    def let_go(self) -> None:
        """Learn that the client is gone, who may come back."""
        self._line.lose(self)


def _format(encoding: AudioEncoding) -> AudioFormat:
    return AudioFormat(encoding=encoding, rate=encoding.rate_hz)
