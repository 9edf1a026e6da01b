"""The contacts of a campaign with what has become of each, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from offhook.campaigns.model import Campaign, Contact, ContactState, Page
from offhook.campaigns.ports import Attempts, Contacts

# How many stored pages are looked at for one page of the list, whatever passes its filter.
_PAGES_LOOKED_AT = 10


class Standing(StrEnum):
    """Where a contact stands.

    The number of a duplicate is another contact's of the same campaign. `canceled` is who was still to be called when the
    campaign was canceled, or came to its `end_at`: that is not stored with each, but follows from its status.
    """

    NEW = "new"
    CALLING = "calling"
    WAITING = "waiting"
    DONE = "done"
    CANCELED = "canceled"
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
        self, campaign: Campaign, standing: Standing | None, *, limit: int, after: Position | None
    ) -> tuple[Sequence[ListedContact], Position | None]:
        """Return contacts after a position, and where the list goes on; None at its end.

        A page may be short or empty although more follow: a filter looks at a bounded number of contacts.
        """
        found: list[ListedContact] = []
        for looked_at, (page, start) in enumerate(self._pages(campaign.id, after)):
            if looked_at == _PAGES_LOOKED_AT:
                return found, Position(page_key=page.key, index=start)
            for listed in self._listed(campaign, page)[start:]:
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

    def _listed(self, campaign: Campaign, page: Page) -> Sequence[ListedContact]:
        numbers = [contact.number for contact in page.contacts]
        states = {state.number: state for state in self.attempts.get_many(campaign.id, numbers)}
        return [
            _listed(campaign, contact, Position(page_key=page.key, index=index), states.get(contact.number))
            for index, contact in enumerate(page.contacts)
        ]


def standing_of(campaign: Campaign, contact: Contact, state: ContactState | None) -> Standing:
    """Return where a contact stands; `state` is that of its number, None before the first attempt."""
    if state is not None and state.contact_id != contact.id:
        return Standing.DUPLICATE
    standing = Standing.NEW if state is None else Standing(state.status.value)
    is_given_up = campaign.status.is_final and standing in (Standing.NEW, Standing.WAITING)
    return Standing.CANCELED if is_given_up else standing


def _listed(
    campaign: Campaign, contact: Contact, position: Position, state: ContactState | None
) -> ListedContact:
    standing = standing_of(campaign, contact, state)
    known = None if standing is Standing.DUPLICATE else state
    return ListedContact(contact=contact, position=position, standing=standing, state=known)
