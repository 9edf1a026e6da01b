"""What a campaign does when one of its runs is over, in words that runs understand."""

from typing import Protocol

from offhook.runs.model import Run


class CampaignAccounts(Protocol):
    """Writes into campaigns what became of their runs. Synchronous; may block for network round trips."""

    def settle(self, run: Run) -> Run:
        """Do so for a finished run, and return it; doing it again, with another disposition too, is counted once.

        It stays unsettled as long as a review may change its disposition.
        """
