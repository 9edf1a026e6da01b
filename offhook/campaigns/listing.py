"""The contacts of a campaign with what has become of each, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from offhook.campaigns.model import Contact, ContactState, Page
from offhook.campaigns.ports import Attempts, Contacts

# How many stored pages are looked at for one page of the list, whatever passes its filter.
_PAGES_LOOKED_AT = 10


class Standing(StrEnum):
    """Where a contact stands; the number of a duplicate is another contact's of the same campaign."""

    NEW = "new"
    CALLING = "calling"
    WAITING = "waiting"
    DONE = "done"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a list goes on: behind so many contacts of a stored page."""

    page_key: str
    index: int

    def __str__(self) -> str:
        return f"{self.index}#{self.page_key}"

    @classmethod
    def read(cls, text: str) -> "Position":
        """Read what `str` has written."""
        index, _, page_key = text.partition("#")
        return cls(page_key=page_key, index=int(index))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedContact:
    """A contact, and its state once it was tried; a list that goes on at `position` begins with it."""

    contact: Contact
    position: Position
    standing: Standing
    state: ContactState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    """Lists contacts in the order of their groups, and in each as they were imported; two reads for a hundred."""

    contacts: Contacts
    attempts: Attempts

    def page(
        self, campaign_id: str, standing: Standing | None, *, limit: int, after: Position | None
    ) -> tuple[Sequence[ListedContact], Position | None]:
        """Return contacts after a position, and where the list goes on; None at its end.

        A page may be short or empty although more follow: a filter looks at a bounded number of contacts.
        """
        found: list[ListedContact] = []
        for looked_at, (page, start) in enumerate(self._pages(campaign_id, after)):
            if looked_at == _PAGES_LOOKED_AT:
                return found, Position(page_key=page.key, index=start)
            for listed in self._listed(campaign_id, page)[start:]:
                if len(found) == limit:
                    return found, listed.position
                if standing in (None, listed.standing):
                    found.append(listed)
        return found, None

    def _pages(self, campaign_id: str, after: Position | None) -> Iterator[tuple[Page, int]]:
        """Yield pages, and how many contacts of each were listed before."""
        if after is not None:
            yield self.contacts.page(campaign_id, after.page_key), after.index
        last_key = after.page_key if after else ""
        yield from (
            (page, 0) for page in self.contacts.pages(campaign_id, after=last_key, most=_PAGES_LOOKED_AT + 1)
        )

    def _listed(self, campaign_id: str, page: Page) -> Sequence[ListedContact]:
        numbers = [contact.number for contact in page.contacts]
        states = {state.number: state for state in self.attempts.get_many(campaign_id, numbers)}
        return [
            _listed(contact, Position(page_key=page.key, index=index), states.get(contact.number))
            for index, contact in enumerate(page.contacts)
        ]


def _listed(contact: Contact, position: Position, state: ContactState | None) -> ListedContact:
    if state is None:
        return ListedContact(contact=contact, position=position, standing=Standing.NEW)
    if state.contact_id != contact.id:
        return ListedContact(contact=contact, position=position, standing=Standing.DUPLICATE)
    standing = Standing(state.status.value)
    return ListedContact(contact=contact, position=position, standing=standing, state=state)
