"""How long the caller waits for a reply, stage by stage."""

from offhook.runs.log.events import MetricsEvent
from streamer.call.commands import Append


class ReplyTimer:
    """Times one reply from the caller's last voiced chunk to the agent's first chunk; restarts for each turn.

    Moments are on the call's clock, between two chunks too: the conductor adds the time on the wall since the last one.
    """

    def __init__(self) -> None:
        self._voice_end_ms = self._reached_ms = 0.0
        self._stages: dict[str, float] = {}

    def finished(self, voice_end_ms: int, moment_ms: float) -> None:
        """Begin: the caller's turn was found to be over now."""
        self._voice_end_ms = self._reached_ms = voice_end_ms
        self._stages = {}
        self._reach("endpointing", moment_ms)

    def recognised(self, moment_ms: float) -> None:
        """Take the time at which the caller's words were stable."""
        if "endpointing" in self._stages:
            self._reach("recognition", moment_ms)

    def decided(self, moment_ms: float) -> None:
        """Take the time at which the reply's first sentence was known."""
        if "recognition" in self._stages:
            self._reach("model", moment_ms)

    def answered(self, moment_ms: float, took_ms: float) -> None:
        """Take the time at which the reply's first audio was there, and how long the synthesiser was at it."""
        if "recognition" not in self._stages or "synthesis" in self._stages:
            return
        self.decided(self._reached_ms)
        self._reach("waiting", moment_ms - took_ms)
        self._reach("synthesis", moment_ms)

    def cancel(self) -> None:
        """Forget this reply: the caller went on, or there is nothing to reply to."""
        self._stages = {}

    def sounded(self, turn: int, moment_ms: float) -> list[Append]:
        """End: the reply's first chunk was written. Return its measurements, once."""
        if "recognition" not in self._stages:
            return []
        self.decided(self._reached_ms)
        self._reach("playout" if "synthesis" in self._stages else "synthesis", moment_ms)
        stages, total_ms = self._stages, self._reached_ms - self._voice_end_ms
        self.cancel()
        metrics = MetricsEvent(
            turn=turn,
            endpointing_ms=stages["endpointing"],
            recognition_ms=stages["recognition"],
            model_ms=stages["model"],
            waiting_ms=stages.get("waiting"),
            synthesis_ms=stages["synthesis"],
            playout_ms=stages.get("playout"),
            voice_to_voice_ms=round(total_ms, 1),
        )
        return [Append(event=metrics)]

    def _reach(self, stage: str, moment_ms: float) -> None:
        """End a stage now, once; what was reached before the stage before it took no time."""
        if stage not in self._stages:
            before_ms, self._reached_ms = self._reached_ms, max(self._reached_ms, moment_ms)
            self._stages[stage] = round(self._reached_ms - before_ms, 1)
