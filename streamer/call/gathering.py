"""Keys: those that take an edge, and those that are gathered into a variable."""

from offhook.runs.log.events import EventType
from offhook.workflows import Edge, Happening
from streamer.call import events
from streamer.call.course import BETWEEN_KEYS_MS, CallActions
from streamer.call.floor import Floor

_KEYS = frozenset("0123456789*#")
_MOST_KEYS = 32


class KeyActions(CallActions):
    """The actions of keys that the caller presses."""

    def key_pressed(self, event: events.Event | None) -> None:
        assert isinstance(event, events.Digit)
        if self.now_ms - self._key_ms < BETWEEN_KEYS_MS:
            return
        self._key_ms = self.now_ms
        self._record(EventType.DTMF, {"digit": event.digit, "offset_ms": self.now_ms})
        edge = self._talk.edge_for_digit(event.digit)
        if edge is not None:
            self._interrupt_for_keys()
            self._take(edge, {}, reason="dtmf")
        elif self._talk.node.data.gather is not None and event.digit in _KEYS:
            self._interrupt_for_keys()
            self._gather_key(event.digit)

    def _interrupt_for_keys(self) -> None:
        self._forget_utterance()
        self._drop_model()
        self._out += self._agent.stop("dtmf", self.now_ms)
        self._agent.unheard = []
        self._unanswered = ""
        self._must_ask_again = False

    def _gather_key(self, key: str) -> None:
        gather = self._talk.node.data.gather
        assert gather is not None
        self._move(Floor.SILENT)
        if key == gather.finish_on:
            self.digits_over(None)
            return
        self._keys += key
        if len(self._keys) == (gather.num_digits or _MOST_KEYS):
            self.digits_over(None)

    @property
    def _keys_until_ms(self) -> int | None:
        """When the keys pressed so far are all; None where none was pressed or none is gathered."""
        gather = self._talk.node.data.gather
        return self._key_ms + gather.timeout_ms if gather is not None and self._keys else None

    def digits_over(self, event: events.Event | None) -> None:
        gather = self._talk.node.data.gather
        assert gather is not None
        digits, self._keys = self._keys, ""
        is_whole = bool(digits) and len(digits) == (gather.num_digits or len(digits))
        if is_whole:
            self._take_when(Happening.DIGITS_GATHERED, {gather.variable: digits})
        else:
            self._take_when(Happening.DIGITS_MISSING, {})

    def _take_when(self, happening: Happening, gathered: dict[str, str]) -> None:
        edge: Edge | None = self._talk.edge_when(happening)
        if edge is None:
            self._not_understood()
        else:
            self._take(edge, dict(gathered), reason=happening)
