"""What a campaign has to say about a run that is its attempt, in words that runs understand."""

from datetime import datetime
from typing import Protocol

from offhook.errors import OffhookError
from offhook.organizations.limits import Limits
from offhook.runs.ledger import CampaignPace
from offhook.runs.model import CampaignCall, Run

PAUSED = "campaign-paused"
OVER = "campaign-over"
CLOSED = "outside-calling-hours"
NUMBER_LIMIT = "number-limit"

STOPPING = frozenset(
    {
        "api-key-not-usable",
        "quota-exceeded",
        "telephony-not-configured",
        "caller-number-not-configured",
        "from-phone-number-not-found",
        "agent-archived",
        "not-found",
    }
)
"""Codes of what stands in the way of all calls of a campaign, until somebody does something about it."""

HELD_BACK = STOPPING | {
    PAUSED,
    OVER,
    CLOSED,
    NUMBER_LIMIT,
    "queue-timeout",
    "queue-full",
    "spend-limit",
    "not-dialled",
}
"""Codes of the errors of runs that were not dialled, and are no attempt."""


class HeldBackError(OffhookError):
    """The run is not to be dialled now: its contact goes back to the campaign, which calls them another time or never."""

    code = PAUSED


class CampaignGate(Protocol):
    """Asked about each run of a campaign right before its dial. Synchronous; may block for network round trips."""

    def open(self, run: Run, call: CampaignCall, limits: Limits, now: datetime) -> CampaignPace:
        """Count the run among its number's calls of the day, and return how fast its campaign may call.

        Asking again counts nothing. Raises HeldBackError where it does not run, the contact's hours are closed, or the number
        was called as often today as it may be.
        """
