"""The tools that a call's model has called: which are not answered yet, and whether the model must be told of answers."""

from collections.abc import Sequence

from streamer.call.commands import CallTool

MOST_ROUNDS = 5
"""Replies in one turn that may call tools: who has called so often and knows no answer will know none."""

MOST_AT_ONCE = 8
"""Calls of one reply that count."""

# Whoever runs tools answers in time; one that is lost must not leave the caller waiting.
_GRACE_MS = 2_000


class ToolRounds:
    """Follows the calls of tools; those of the present turn are told to the model together, once all are answered.

    `owes_reply` says that the model is to be asked again once they are, `rounds` counts the replies of this turn that have
    called tools, `until_ms` is when nobody waits for an answer any more.
    """

    def __init__(self, *, count: int, owes_reply: bool) -> None:
        self._count = count
        self._awaited: dict[str, CallTool] = {}
        self._left: dict[str, CallTool] = {}
        self.owes_reply = owes_reply
        self.rounds = 0
        self.until_ms = 0

    @property
    def are_running(self) -> bool:
        """Say whether an answer is still to come that the model waits for."""
        return bool(self._awaited)

    def new_id(self) -> str:
        """Return the name of the next call: nine letters and digits, which is all that some models take."""
        self._count += 1
        return f"call{self._count:05d}"

    def await_all(self, calls: Sequence[CallTool], now_ms: int) -> None:
        """Wait for the answers of these calls."""
        self._awaited |= {call.call_id: call for call in calls}
        longest_s = max((call.tool.timeout_seconds for call in calls), default=0)
        self.until_ms = now_ms + longest_s * 1000 + _GRACE_MS

    def answered(self, call_id: str) -> CallTool | None:
        """Return the call that this answers, once."""
        return self._awaited.pop(call_id, None) or self._left.pop(call_id, None)

    def leave(self) -> None:
        """Wait no longer: the call goes on elsewhere, and what comes late is only taken note of."""
        self._left |= self._awaited
        self._awaited = {}
        self.owes_reply = False
        self.rounds = 0

    def give_up(self) -> tuple[CallTool, ...]:
        """Return the calls that were not answered in time, and count them as answered."""
        late, self._awaited = tuple(self._awaited.values()), {}
        return late
