"""The calls that live in this process: found by their runs, told of the drain, doubted together."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from offhook.runs.end_reasons import EndReason
from streamer.conductor.conductor import Conductor
from streamer.conductor.playout import BEAT_S, Pacer
from streamer.record.owned_call import OwnedCall


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveCall:
    """A call that is conducted here, and its record."""

    conductor: Conductor
    record: OwnedCall


class LiveCalls:
    """All calls of the process; while there are some, it is watched whether the process stands still.

    `on_change` is told the run of each call that begins or ends here.
    """

    def __init__(self, pacer: Pacer) -> None:
        self.on_change: Callable[[int], None] = lambda _: None
        self._loop = asyncio.get_running_loop()
        self._pacer = pacer
        # A run's next stream may be here before the former one has noticed.
        self._calls: dict[LiveCall, int] = {}
        self._latest: dict[int, LiveCall] = {}
        self._are_some = asyncio.Event()
        self._is_beating = False
        self._is_drain_over = False
        pacer.on_stall = self._doubt_all

    def find(self, run_id: int) -> LiveCall | None:
        """Return the call of a run; None when it is not conducted here."""
        return self._latest.get(run_id)

    @property
    def are_some(self) -> bool:
        """Whether there are calls."""
        return bool(self._calls)

    async def some(self) -> None:
        """Wait until there are calls."""
        await self._are_some.wait()

    def add(self, run_id: int, call: LiveCall) -> None:
        """Count a call of this run as live."""
        if not self._is_beating:
            # Nobody has asked while there were no calls, and there is none yet to be doubted.
            self._pacer.notice_stall()
            self._is_beating = True
            self._loop.call_soon(self._beat)
        self._calls[call] = run_id
        self._latest[run_id] = call
        self._are_some.set()
        self.on_change(run_id)

    def remove(self, call: LiveCall) -> None:
        """Forget a call."""
        run_id = self._calls.pop(call)
        # The newer of two may end first.
        if self._latest.get(run_id) is call:
            del self._latest[run_id]
        if not self._calls:
            self._are_some.clear()
        self.on_change(run_id)

    def say_goodbye(self) -> None:
        """Have every caller hear a last sentence and be hung up on, those too whose calls are about to begin."""
        self._is_drain_over = True
        self._tell_drain()

    def end_all(self) -> None:
        """End every call without another word; a caller who is away is left to whoever gets them back."""
        for call in tuple(self._calls):
            if not call.conductor.is_away:
                call.conductor.end(EndReason.DRAINED)

    def _beat(self) -> None:
        """Look, while there are calls, whether the process stood still, or is to end."""
        self._pacer.notice_stall()
        if self._is_drain_over:
            self._tell_drain()
        self._is_beating = bool(self._calls)
        if self._is_beating:
            self._loop.call_later(BEAT_S, self._beat)

    def _tell_drain(self) -> None:
        for call in tuple(self._calls):
            call.conductor.drain_is_over()

    def _doubt_all(self) -> None:
        for call in self._calls:
            call.conductor.hold()
            call.record.doubt()
