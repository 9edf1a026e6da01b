"""What Cloudonix tells of a transfer: of the call to the other person, of their room, and of the end of a Dial."""

from collections.abc import Mapping

from offhook.adapters.cloudonix.statuses import is_answered, status_of_word
from offhook.runs.carrier.reports import TransferReport
from offhook.runs.model import RunStatus, TransferStatus

_JOINED = ("participant-join", "join")
_REASONS = {
    RunStatus.BUSY: "busy",
    RunStatus.NO_ANSWER: "no-answer",
    RunStatus.CANCELED: "canceled",
    RunStatus.FAILED: "failed",
    RunStatus.COMPLETED: "hung-up",
}


def read_transfer(fields: Mapping[str, object]) -> TransferReport:
    """Read the fields of a callback."""
    # A callback about a Dial or a room names the status of its call too, so that comes last.
    dial, event = _text(fields, "DialCallStatus"), _text(fields, "StatusCallbackEvent")
    if dial is not None:
        return _of_dial(dial)
    if event is not None:
        return TransferReport(status=TransferStatus.JOINED if event in _JOINED else None)
    return _of_call(_text(fields, "status") or _text(fields, "CallStatus") or "")


def _of_dial(word: str) -> TransferReport:
    if is_answered(word) or status_of_word(word) is RunStatus.COMPLETED:
        return TransferReport(status=TransferStatus.COMPLETED, awaits_instruction=True)
    reason = _REASONS.get(status_of_word(word) or RunStatus.FAILED, "failed")
    return TransferReport(status=TransferStatus.FAILED, reason=reason, awaits_instruction=True)


def _of_call(word: str) -> TransferReport:
    if is_answered(word):
        return TransferReport(status=TransferStatus.ANSWERED)
    reason = _REASONS.get(status_of_word(word) or RunStatus.RINGING)
    return TransferReport(status=TransferStatus.FAILED if reason else None, reason=reason)


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None
