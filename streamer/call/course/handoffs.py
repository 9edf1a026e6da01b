"""The handoffs of one call to other agents: which is under way, and what the log says of it."""

from offhook.runs.log.events import HandoffEvent, HandoffState
from offhook.workflows import Handoff
from streamer.call.commands import Append, Command, FindSuccessor
from streamer.call.events import HandoffFailed, HandoffReady

MOST_HANDOFFS = 10
"""Handoffs of one call: agents that hand on to each other more often do so in a circle."""

_TOO_MANY = HandoffFailed(reason="too-many-handoffs")


class Handoffs:
    """Follows one handoff at a time, `open` until its end is known; `answer` is what has become of it.

    `agent_uuid` names the agent that has the call.
    """

    def __init__(self, *, agent_uuid: str, count: int) -> None:
        self._agent_uuid = agent_uuid
        self._count = count
        self.open: Handoff | None = None
        self.answer: HandoffReady | HandoffFailed | None = None

    def start(self, wanted: Handoff, now_ms: int) -> list[Command]:
        """Have the other agent fetched; a call that was handed on too often is not any more."""
        self._count += 1
        self.open, self.answer = wanted, None
        started = self._record(wanted, HandoffState.STARTED, now_ms)
        if self._count > MOST_HANDOFFS:
            self.answer = _TOO_MANY
            return [started]
        find = FindSuccessor(agent_uuid=wanted.agent_uuid, from_agent_uuid=self._agent_uuid)
        return [started, find]

    def fail(self, failure: str, now_ms: int) -> list[Command]:
        """Take note of why the call is not handed on; of one that is given up, because the call ends, too."""
        if self.open is None:
            return []
        failed = self._record(self.open, HandoffState.FAILED, now_ms, failure=failure)
        self.open = self.answer = None
        return [failed]

    def complete(self, ready: HandoffReady, now_ms: int) -> list[Command]:
        """Take note that the call is the other agent's."""
        if self.open is None:
            return []
        completed = self._record(self.open, HandoffState.COMPLETED, now_ms, ready=ready)
        self._agent_uuid = self.open.agent_uuid
        self.open = self.answer = None
        return [completed]

    def lost(self, started: HandoffEvent, now_ms: int) -> Append:
        """Return that a handoff, which was under way when the log ends, came to nothing."""
        wanted = Handoff(agent_uuid=started.to_agent_uuid, reason=started.reason)
        return self._record(wanted, HandoffState.FAILED, now_ms, failure="interrupted")

    def _record(
        self,
        wanted: Handoff,
        state: HandoffState,
        now_ms: int,
        *,
        ready: HandoffReady | None = None,
        failure: str | None = None,
    ) -> Append:
        told = HandoffEvent(
            handoff_id=f"h{self._count}",
            state=state,
            from_agent_uuid=self._agent_uuid,
            from_agent=ready.from_agent if ready else "",
            to_agent_uuid=wanted.agent_uuid,
            to_agent=ready.successor.name if ready else "",
            to_version=ready.successor.version if ready else None,
            reason=wanted.reason,
            failure=failure,
            offset_ms=now_ms,
        )
        return Append(event=told)
