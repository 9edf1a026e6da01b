"""What the call machine wants done, in the order given."""

from dataclasses import dataclass
from typing import TypeAlias

from offhook.json_types import JsonObject
from offhook.models.requests import Line, ToolSpec
from offhook.runs.log.events import Event
from offhook.workflows import TransferMode, Variable
from streamer.call.offered_tools import OfferedTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Synthesise the text and play it after what is queued; `fixed` texts recur and are worth keeping."""

    segment_id: str
    text: str
    fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Synthesise the text, which may be the next to be said, and keep its audio until then; in place of any before it."""

    text: str
    fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPrepared:
    """Forget what was prepared: it will not be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlayback:
    """Make the agent silent now: drop what is queued or being synthesised, and clear the carrier's buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropQueued:
    """Forget these sentences, of which none sounds yet; what comes before them is said to its end."""

    segment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePlayback:
    """Make the agent silent now, and keep what was not heard: it may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePlayback:
    """Go on from the exact chunk at which the agent fell silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Tell the recogniser what the caller may say from here on."""

    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUtterance:
    """The caller began to speak a moment ago: give the recogniser the audio from just before that, and what follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishUtterance:
    """The caller's utterance is over: have the recogniser give its final word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModel:
    """Have the language model decide what to say and do; an earlier request that still runs is dropped.

    `system` and `tools` are the same for all questions of a node, unless its prompt names what changes; `facts` change.
    """

    request: int
    system: str
    lines: tuple[Line, ...]
    tools: tuple[ToolSpec, ...]
    facts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTool:
    """One tool to call; one that `is_repeated` may have been called before by a process that is gone."""

    call_id: str
    tool: OfferedTool
    arguments: JsonObject
    is_repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTools:
    """Call tools side by side; each is answered by ToolAnswered, and none is cancelled once it was sent.

    `gathered` is what their templates are filled in with.
    """

    calls: tuple[CallTool, ...]
    gathered: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Have a language model find in the talk what a node gathers, beside the turn; answered by Extracted, or not at all."""

    node_id: str
    system: str
    lines: tuple[Line, ...]
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelModel:
    """Drop the model's request; nothing of it counts any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Append to the run's event log."""

    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call at the carrier; the last command of a call that we end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Put the caller through to `to`, a number or SIP address; `number` counts the run's transfers from 1.

    The answer is TransferFailed, or TransferLeft once the caller has left our stream. The other person of a warm
    transfer hears `summary` first; TransferAnswered comes when they wait.
    """

    number: int
    mode: TransferMode
    to: str
    summary: str
    timeout_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitBeep:
    """Listen for a machine's beep, for so long or until it comes, and tell by BeepHeard when it is over."""

    within_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer:
    """Give the transfer up and hang up on the other person; the caller has left, or the call ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigits:
    """Press keys on the caller's line, `w` being half a second of waiting; answered like a cold transfer.

    The stream ends for it, and another one follows.
    """

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSuccessor:
    """Fetch another agent of the organization, which is to take the call; answered by HandoffReady or HandoffFailed."""

    agent_uuid: str
    from_agent_uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Become:
    """Speak, hear and think as the agent that was fetched last, and use its tools."""


Command: TypeAlias = (
    Say
    | Prepare
    | DropPrepared
    | StopPlayback
    | DropQueued
    | PausePlayback
    | ResumePlayback
    | Expect
    | StartUtterance
    | FinishUtterance
    | AskModel
    | CancelModel
    | CallTools
    | Extract
    | Append
    | HangUp
    | AwaitBeep
    | Transfer
    | CancelTransfer
    | SendDigits
    | FindSuccessor
    | Become
)
