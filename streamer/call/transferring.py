"""What a caller leaves our stream for: to be put through, or for keys that are pressed on their line.

What is said, waited for and recorded meanwhile, and how the agent goes on when it fails.
"""

from offhook.json_types import JsonObject
from offhook.runs.log.events import EventType
from offhook.workflows import Happening, Transfer, TransferMode
from streamer.call import commands, events
from streamer.call.course import CallActions
from streamer.call.endings import EndReason
from streamer.call.floor import Floor
from streamer.call.state import ConversationState

FAILED_DISPOSITION = "transfer_failed"
"""The disposition of a call that ends because nobody could be reached."""

_DIGITS = frozenset("0123456789*#ABCDabcdwW")
_MOST_DIGITS = 64

HOLD_EVERY_MS = 8000
"""Silence after which a caller who waits is told so: longer, and people think that they were cut off."""


class TransferActions(CallActions):
    """The actions of transfers. On the floor TRANSFER the caller can't interrupt; on AWAY nobody hears us."""

    def _begin_leaving(self) -> None:
        """Let the node's words be heard, then have the caller leave our stream."""
        self._is_moving = self._stream_is_over = False
        self._move(Floor.TRANSFER)
        self._after_playback()

    def _come_back(self, state: ConversationState) -> None:
        """Go on with a caller whose transfer was under way when the log ends: it came to nothing."""
        self._record_transfer("failed", state.transfer or "", state.transfer_reason)
        self._go_on_without()

    def transfer_spoken(self, event: events.Event | None) -> None:
        # From here on the silence counts that the caller waits in.
        self._move(Floor.TRANSFER)
        if self._is_moving or self._transfer is not None:
            return
        if self._talk.node.data.send_digits:
            self._send_digits()
        else:
            self._request_transfer()

    def _request_transfer(self) -> None:
        wanted = self._wanted
        self._transfers += 1
        self._transfer = commands.Transfer(
            number=self._transfers,
            mode=wanted.mode,
            to=self._talk.fill(wanted.to),
            summary=self._talk.fill(wanted.summary),
            timeout_seconds=wanted.timeout_seconds,
        )
        self._is_moving = wanted.mode is TransferMode.COLD
        self._record_transfer("started", wanted.mode)
        self._out.append(self._transfer)

    def _send_digits(self) -> None:
        """Press the node's keys; the next stream begins where the edge leads."""
        edge = self._talk.edge_when(Happening.DIGITS_SENT)
        assert edge is not None
        digits = "".join(key for key in self._talk.fill(self._talk.node.data.send_digits) if key in _DIGITS)
        if not digits:
            self._digits_not_sent("no-digits")
            return
        self._is_moving = True
        self._go(edge, {}, reason=Happening.DIGITS_SENT)
        self._out.append(commands.SendDigits(digits=digits[:_MOST_DIGITS]))

    def _digits_not_sent(self, code: str) -> None:
        error: JsonObject = {
            "code": code,
            "message": "The keys could not be pressed on the caller's line.",
            "node_id": self._talk.node.id,
            "recoverable": False,
        }
        self._record(EventType.ERROR, error)
        self._end(EndReason.ERROR, say=self._settings.error_goodbye)

    @property
    def _holds_from_ms(self) -> int | None:
        """When the caller is told again that we are trying; None while there is no need to."""
        if self._transfer is None or self._is_moving or self._agent.is_active:
            return None
        return self._floor_since_ms + HOLD_EVERY_MS

    def hold_on(self, event: events.Event | None) -> None:
        self._move(Floor.TRANSFER)
        self._say(self._talk.sentences(self._wanted.hold_say))

    def transfer_answered(self, event: events.Event | None) -> None:
        self._is_moving = True
        self._out += self._agent.stop("agent", self.now_ms)
        self._agent.unheard = []
        self._record_transfer("answered", TransferMode.WARM)

    def transfer_left(self, event: events.Event | None) -> None:
        self._out += self._agent.stop("agent", self.now_ms)
        self._move(Floor.AWAY)

    def transfer_failed(self, event: events.Event | None) -> None:
        assert isinstance(event, events.TransferFailed)
        if self._stream_is_over:
            self._caller_left(event)
        elif self._transfer is None:
            self._digits_not_sent(event.reason)
        else:
            self._record_transfer("failed", self._wanted.mode, event.reason)
            self._transfer = None
            self._go_on_without()

    def _go_on_without(self) -> None:
        edge = self._talk.edge_when(Happening.TRANSFER_FAILED)
        if edge is None:
            self.disposition = FAILED_DISPOSITION
            self._end(EndReason.AGENT, say=self._wanted.failed_say)
        else:
            self._move(Floor.SILENT)
            self._say(self._talk.sentences(self._wanted.failed_say))
            self._take(edge, {}, reason=Happening.TRANSFER_FAILED)

    def transfer_done(self, event: events.Event | None) -> None:
        if self._transfer is None:
            self._stop_now(event)
            return
        self._record_transfer("completed", self._wanted.mode)
        self._transfer = None
        self.disposition = self._talk.node.data.disposition or self.disposition
        self._over(EndReason.TRANSFERRED)

    def stream_ends(self, event: events.Event | None) -> None:
        """Take the end of the stream for a hang-up, unless the carrier was told to put the caller through.

        Then it is its answer that tells which of the two it was.
        """
        if self._is_moving:
            self._stream_is_over = True
        else:
            self._caller_left(event)

    def _abandon_transfer(self, reason: str) -> None:
        """Give up a transfer that is under way, because the call ends."""
        if self._transfer is not None:
            self._record_transfer("failed", self._transfer.mode, reason)
            self._transfer = None
            self._out.append(commands.CancelTransfer())

    @property
    def _wanted(self) -> Transfer:
        transfer = self._talk.node.data.transfer
        assert transfer is not None
        return transfer

    def _record_transfer(self, state: str, mode: str, reason: str | None = None) -> None:
        self._record(
            EventType.TRANSFER,
            {"transfer_id": f"t{self._transfers}", "mode": mode, "state": state, "reason": reason},
        )
