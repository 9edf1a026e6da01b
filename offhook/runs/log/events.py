"""The events of a run's log: what happened, in order, each with a sequence number.

Data of each type (all times `*_ms` are milliseconds of call audio since the media stream's first chunk):

    status       {status}
    speech       {speaker, state: started|stopped, offset_ms}
    transcript   {segment_id, speaker, text, start_ms, end_ms, turn, node_id}   an agent segment has no `end_ms` yet
    playback     {segment_id, state: started|finished, offset_ms}
    interrupt    {by: caller|operator|dtmf, segment_id, heard_ms, offset_ms}
    correction   {segment_id, original, heard_text}     after an interrupt: what was really heard
    node         {from, to, edge_id, reason}            `from` and `edge_id` are null for the start node
    context      {gathered: {name: value}}
    dtmf         {digit, offset_ms}
    tool-call    {call_id, name, arguments, node_id}
    tool-result  {call_id, status, result, duration_ms}
    metrics      {turn, endpointing_ms, recognition_ms, model_ms, synthesis_ms, voice_to_voice_ms}
    usage        {stt_seconds?, tts_characters?, llm?: {input_tokens, output_tokens}}   additions, not totals
    disposition  {disposition, source: workflow|agent|system}
    error        {code, message, node_id, recoverable}
    takeover     {epoch, owner}
    end          {reason, disposition, duration_ms}
    transfer     {transfer_id, mode: cold|warm, state: started|answered|completed|failed, reason}
    handoff, inject, steer                              reserved for what follows
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offhook.json_types import JsonObject


class EventType(StrEnum):
    """What an event tells."""

    STATUS = "status"
    SPEECH = "speech"
    TRANSCRIPT = "transcript"
    PLAYBACK = "playback"
    INTERRUPT = "interrupt"
    CORRECTION = "correction"
    NODE = "node"
    CONTEXT = "context"
    DTMF = "dtmf"
    TOOL_CALL = "tool-call"
    TOOL_RESULT = "tool-result"
    METRICS = "metrics"
    USAGE = "usage"
    DISPOSITION = "disposition"
    ERROR = "error"
    HANDOFF = "handoff"
    TRANSFER = "transfer"
    INJECT = "inject"
    STEER = "steer"
    TAKEOVER = "takeover"
    END = "end"


class Speaker(StrEnum):
    """Who spoke."""

    CALLER = "caller"
    AGENT = "agent"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One event of a run's log; `seq` is 1 for the first and has no gaps."""

    seq: int
    at: datetime
    type: EventType
    data: JsonObject
