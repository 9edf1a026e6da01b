"""Contacts in pages: what a page holds hangs on the rows alone, and never on who reads them or how often."""

import json
from collections import defaultdict
from collections.abc import Sequence

from offhook.campaigns.model import MOST_CONTACTS_A_PAGE, MOST_PAGE_BYTES, Contact, Page
from offhook.errors import InvalidInputError

MOST_CONTACT_BYTES = 32_768


def size_of(contact: Contact) -> int:
    """Return how many bytes a contact takes in its page; raise InvalidInputError for one that is too large."""
    size_bytes = len(json.dumps(contact.context, ensure_ascii=False, separators=(",", ":")).encode())
    if size_bytes > MOST_CONTACT_BYTES:
        raise InvalidInputError(
            f"This row has more than {MOST_CONTACT_BYTES // 1024} KB with the names of its columns."
        )
    # Row, number and punctuation.
    return size_bytes + 300


class Pager:
    """Puts contacts into pages, each of one group, in their order."""

    def __init__(self) -> None:
        self._full: list[Page] = []
        self._open: dict[str, list[Contact]] = defaultdict(list)
        self._sizes: dict[str, int] = defaultdict(int)

    def add(self, contact: Contact, size_bytes: int) -> None:
        """Put a contact behind those of its group."""
        group = contact.group
        if (
            self._sizes[group] + size_bytes > MOST_PAGE_BYTES
            or len(self._open[group]) == MOST_CONTACTS_A_PAGE
        ):
            self._full.append(Page(contacts=tuple(self._open.pop(group))))
            self._sizes[group] = 0
        self._open[group].append(contact)
        self._sizes[group] += size_bytes

    def pages(self) -> Sequence[Page]:
        """Return all pages, the last of each group as it is."""
        return [*self._full, *(Page(contacts=tuple(contacts)) for contacts in self._open.values())]
