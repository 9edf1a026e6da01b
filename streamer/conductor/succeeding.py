"""What a call needs of whoever fetches the agent that is to go on with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from offhook.errors import OffhookError
from streamer.call.events import HandoffReady
from streamer.conductor.engines import Engines
from streamer.speech.ports import Listening
from streamer.tools.ports import ToolRunner


class NoSuccessorError(OffhookError):
    """The other agent can't take the call; the code says why."""

    code = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """The agent that goes on with a call, and what it speaks, hears and thinks with; its `texts` may be said later."""

    ready: HandoffReady
    engines: Engines
    listening: Listening
    runner: ToolRunner
    texts: Sequence[str] = ()


class Successors(Protocol):
    """Fetches the agents that a call is handed on to."""

    async def find(self, agent_uuid: str, *, from_agent_uuid: str) -> Succession:
        """Return an agent of the call's organization as it is published; raise NoSuccessorError."""
