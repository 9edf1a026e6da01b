"""Whether somebody may be dialled at this moment: not who has said no, and nobody too often in a day."""

from datetime import date
from typing import Protocol

from offhook.donotcall.ports import DoNotCallList
from offhook.errors import ForbiddenError

ON_THE_LIST = "do-not-call"
"""Code of the error for a number that is on the organization's do-not-call list."""


def check_permitted(do_not_call: DoNotCallList, organization_id: str, address: str) -> None:
    """Raise ForbiddenError `do-not-call` for an address that is on the organization's list.

    Asked before each dial, as late as can be: somebody may be put on the list while their call waits.
    """
    if do_not_call.has(organization_id, address):
        raise ForbiddenError(
            "This number is on your organization's do-not-call list, so that nobody calls it: take it off the list "
            "first, if the person wants that.",
            code=ON_THE_LIST,
        )


class DialledToday(Protocol):
    """How often campaigns have called a number in one day. Synchronous; one write each."""

    def take(self, organization_id: str, number: str, day: date, run_id: int, *, most: int) -> bool:
        """Count a run among the calls of this number in this day, once however often it asks.

        Say False, and count nothing, where `most` others are counted already. The day is that of whoever is called.
        """

    def give_back(self, organization_id: str, number: str, day: date, run_id: int) -> None:
        """Count the run no more: it was not dialled. Doing it again is harmless."""
