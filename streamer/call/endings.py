"""Why calls end, in the words that runs carry."""

from enum import StrEnum


class EndReason(StrEnum):
    """What ended a call; the spelling is that of the Dograh contract where it has a word."""

    AGENT = "end_call"
    CALLER = "user_hangup"
    IDLE = "user_idle_max_duration_exceeded"
    TOO_LONG = "call_duration_exceeded"
    NOT_UNDERSTOOD = "not_understood"
    VOICEMAIL = "voicemail_detected"
    IN_CIRCLES = "workflow_loop"
    ERROR = "unexpected_error"
    OPERATOR = "system_cancelled"
    DRAINED = "drained"
    TRANSFERRED = "transferred"


DISPOSITIONS = {
    EndReason.AGENT: "user_qualified",
    EndReason.CALLER: "user_hangup",
    EndReason.IDLE: "inactivity",
    EndReason.TOO_LONG: "max_duration",
    EndReason.NOT_UNDERSTOOD: "not_understood",
    EndReason.VOICEMAIL: "voicemail",
    EndReason.IN_CIRCLES: "error",
    EndReason.ERROR: "error",
    EndReason.OPERATOR: "canceled",
    EndReason.DRAINED: "drained",
    EndReason.TRANSFERRED: "transferred",
}
"""The disposition of a call whose workflow has not named one."""
