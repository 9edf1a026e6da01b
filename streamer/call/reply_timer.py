"""How long the caller waits for a reply, stage by stage, on the audio clock."""

from offhook.runs.log.events import MetricsEvent
from streamer.call.commands import Append


class ReplyTimer:
    """Times one reply from the caller's last voiced chunk to the agent's first audio; restarts for each turn."""

    def __init__(self) -> None:
        self._voice_end_ms = 0
        self._finished_ms = 0
        self._recognised_ms: int | None = None
        self._decided_ms: int | None = None

    def finished(self, voice_end_ms: int, now_ms: int) -> None:
        """Begin: the caller's turn was found to be over now."""
        self._voice_end_ms, self._finished_ms = voice_end_ms, now_ms
        self.cancel()

    def recognised(self, now_ms: int) -> None:
        """Take the time at which the caller's words were known."""
        self._recognised_ms = self._decided_ms = now_ms

    def decided(self, now_ms: int) -> None:
        """Take the time at which the reply's first words were known."""
        if self._recognised_ms is not None and self._decided_ms == self._recognised_ms:
            self._decided_ms = now_ms

    def cancel(self) -> None:
        """Forget this reply: the caller went on, or there is nothing to reply to."""
        self._recognised_ms = self._decided_ms = None

    def sounded(self, turn: int, now_ms: int) -> list[Append]:
        """End: the reply sounds. Return its measurements, once."""
        if self._recognised_ms is None or self._decided_ms is None:
            return []
        metrics = MetricsEvent(
            turn=turn,
            endpointing_ms=self._finished_ms - self._voice_end_ms,
            recognition_ms=self._recognised_ms - self._finished_ms,
            model_ms=self._decided_ms - self._recognised_ms,
            synthesis_ms=now_ms - self._decided_ms,
            voice_to_voice_ms=now_ms - self._voice_end_ms,
        )
        self.cancel()
        return [Append(event=metrics)]
