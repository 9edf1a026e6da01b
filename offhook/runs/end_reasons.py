"""Why runs end: every reason in one list, with what it means to a person and what it makes of the run.

A run that the carrier was not given to dial carries the code of the error that was in the way instead.
"""

from enum import StrEnum
from typing import Self


class EndReason(StrEnum):
    """Why a run has ended; the spelling is that of the Dograh contract where it has a word."""

    meaning: str
    """A sentence for people."""
    disposition: str
    """That of a run whose workflow has named none; "" where the run's status says it."""

    def __new__(cls, value: str, disposition: str, meaning: str) -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.disposition = disposition
        reason.meaning = meaning
        return reason

    AGENT = "end_call", "user_qualified", "The agent reached its end."
    CALLER = "user_hangup", "user_hangup", "The caller hung up."
    IDLE = "user_idle_max_duration_exceeded", "inactivity", "The caller stayed silent."
    TOO_LONG = "call_duration_exceeded", "max_duration", "The call lasted too long."
    VOICEMAIL = "voicemail_detected", "voicemail", "An answering machine took the call."
    SCREENED = "call_screened", "screened", "A screening assistant took the call, and nobody came."
    MENU = "menu_reached", "menu", "A menu took the call, and nobody came."
    NOT_IN_SERVICE = (
        "number_not_in_service",
        "not_in_service",
        "A message said that the number is not in service.",
    )
    NOT_UNDERSTOOD = "not_understood", "not_understood", "The agent did not understand the caller."
    IN_CIRCLES = "workflow_loop", "error", "The workflow went in circles without the caller."
    ERROR = "unexpected_error", "error", "An engine failed."
    OPERATOR = "system_cancelled", "canceled", "An operator ended the call."
    HANGUP_REQUESTED = "hangup_requested", "canceled", "Somebody ended the call over the API."
    DRAINED = "drained", "drained", "The process that held the call had to stop."
    LOST = "system_error", "error", "The process that held the call was lost, and no other went on with it."
    TRANSFERRED = "transferred", "transferred", "The caller was put through to somebody else."
    NOT_CONNECTED = "not_connected", "", "The call came to nothing before anybody spoke: its status says how."
    NEVER_ANSWERED = "never_answered", "no_answer", "Nobody answered, and the carrier has not told us so."
    EXPIRED = "expired", "expired", "Nobody connected to the session in time."
