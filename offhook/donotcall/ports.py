"""What the do-not-call list needs from the outside."""

from collections.abc import Sequence
from typing import Protocol

from offhook.donotcall.model import Entry


class DoNotCallList(Protocol):
    """The stored lists of all organizations. Synchronous; may block for a network round trip.

    Numbers are given in the form of `numbers.listed`, but to `has`, which takes any dialable address.
    """

    def add(self, entry: Entry) -> Entry:
        """Put a number on the list, and return the entry that it has then: the first one stays."""

    def add_all(self, organization_id: str, entries: Sequence[Entry]) -> int:
        """Put the numbers on the list that are not on it, and return how many that were. May be done again."""

    def remove(self, organization_id: str, number: str) -> None:
        """Take a number off the list; raise NotFoundError when it is not on it."""

    def get(self, organization_id: str, number: str) -> Entry:
        """Return a number's entry; raise NotFoundError."""

    def list(
        self, organization_id: str, *, limit: int, after: str | None
    ) -> tuple[Sequence[Entry], str | None]:
        """Return entries in the order of their numbers, and the number that the list goes on after; None at its end."""

    def has(self, organization_id: str, address: str) -> bool:
        """Say whether an address that is to be dialled is on the list, as the last acknowledged write left it."""
