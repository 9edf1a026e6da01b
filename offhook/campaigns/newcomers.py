"""The contacts that are to be called for the first time: of all groups that may be called, in the order of their imports."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from offhook.campaigns.model import Contact, Group, Page
from offhook.campaigns.ports import Attempts, Contacts
from offhook.remembered import Remembered

# Pages never change, and have 200 KB at most.
_MOST_PAGES = 64


class PageReader:
    """Reads pages, each once in a process as long as it is worked on."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._pages: Remembered[tuple[str, str], Page] = Remembered(_MOST_PAGES)

    def page(self, campaign_id: str, key: str) -> Page:
        """Return one page; raise NotFoundError."""
        return self._pages.get((campaign_id, key)) or self._keep(
            campaign_id, self._contacts.page(campaign_id, key)
        )

    def next_page(self, campaign_id: str, group: Group) -> Page | None:
        """Return the page of the group after the one that is worked on; None where no further one may be read yet."""
        page = self._contacts.next_page(campaign_id, group)
        return None if page is None else self._keep(campaign_id, page)

    def _keep(self, campaign_id: str, page: Page) -> Page:
        self._pages.put((campaign_id, page.key), page)
        return page


@dataclass(kw_only=True)
class _Head:
    """Where a group stands, and where it stood."""

    former: Group
    latest: Group
    page: Page | None = None
    duplicates: int = 0


class Newcomers:
    """Goes through the groups of a campaign, and notes at the end how far it has come."""

    def __init__(
        self,
        campaign_id: str,
        groups: Iterable[Group],
        *,
        pages: PageReader,
        contacts: Contacts,
        attempts: Attempts,
    ) -> None:
        self._campaign_id = campaign_id
        self._pages, self._contacts, self._attempts = pages, contacts, attempts
        self._heads = {group.name: _Head(former=group, latest=group) for group in groups}

    def next(self) -> Contact | None:
        """Return the one who comes next, and again until they are passed; None when there is nobody left."""
        coming = (contact for head in self._heads.values() if (contact := self._contact(head)) is not None)
        return min(coming, key=lambda each: each.id, default=None)

    def group(self, contact: Contact) -> Group:
        """Return the group of the one who comes next: it has come to their page, and to their place on it."""
        return self._heads[contact.group].latest

    def pass_called(self, contact: Contact) -> None:
        """Go on after one whose first attempt has begun."""
        head = self._heads[contact.group]
        head.latest = replace(head.latest, index=head.latest.index + 1)

    def pass_known(self, contact: Contact) -> None:
        """Go on after one whose number was tried before, and all after them on their page of whom that is true too."""
        head = self._heads[contact.group]
        contacts = () if head.page is None else head.page.contacts[head.latest.index :]
        numbers = [each.number for each in contacts]
        tried = {
            state.number: state.contact_id for state in self._attempts.get_many(self._campaign_id, numbers)
        }
        for each in contacts:
            if each != contact and each.number not in tried:
                return
            # One that was tried under its own name was called by another, or before one was lost.
            head.duplicates += tried.get(each.number, each.id) != each.id
            self.pass_called(each)

    def note(self) -> None:
        """Store how far the groups have come. Where another has gone on too, what it has not noted is gone through again."""
        for head in self._heads.values():
            if head.latest != head.former:
                self._contacts.advance(
                    self._campaign_id, head.former, head.latest, duplicates=head.duplicates
                )

    def _contact(self, head: _Head) -> Contact | None:
        if head.page is None and head.latest.page_key:
            head.page = self._pages.page(self._campaign_id, head.latest.page_key)
        while head.page is None or head.latest.index >= len(head.page.contacts):
            page = self._pages.next_page(self._campaign_id, head.latest)
            if page is None:
                return None
            head.page = page
            head.latest = replace(head.latest, page_key=page.key, index=0)
        return head.page.contacts[head.latest.index]
