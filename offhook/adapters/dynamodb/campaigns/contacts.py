"""Contacts in DynamoDB, a hundred in one item.

page     runs table, pk `CAMPAIGN#<id>#PAGES`, sk `<country>|<zone>#<import>#<first row>`; never changed
faults   pk `CAMPAIGN#<id>#FAULTS#<import>`, sk `<first row>`; likewise
import   pk `CAMPAIGN#<id>`, sk `IMPORT#<number>`
group    pk `CAMPAIGN#<id>`, sk `GROUP#<country>|<zone>`; `last_key` is the imports', the rest the feeder's

Pages and faults are what a file makes of them, whoever reads it and however often: written again, they are the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.campaigns.attempts import CountsItem, counts_key
from offhook.adapters.dynamodb.campaigns.campaigns import NO_SUCH_CAMPAIGN, CampaignItem, campaign_key
from offhook.adapters.dynamodb.items.database import Database, Item, new_write_id
from offhook.adapters.dynamodb.items.mapping import (
    ChoiceAttribute,
    DocumentAttribute,
    ModelItem,
    attributes,
    changes,
    found,
    to_model,
)
from offhook.adapters.dynamodb.items.translation import ConditionFailedError
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.campaigns.model import (
    MOST_FAULTS_A_PAGE,
    MOST_IMPORTS,
    Campaign,
    CampaignStatus,
    Contact,
    Fault,
    Group,
    Import,
    ImportStatus,
    Page,
    Source,
)
from offhook.errors import ConflictError, NotFoundError

# After every digit, before every other sign of a key.
_END = "~"


class PageItem(Item):
    """A page: row, number and context of each contact."""

    TABLE = RUNS_TABLE
    KIND = "contacts"

    contacts = DocumentAttribute()


class FaultsItem(Item):
    """Faults: row and reason of each."""

    TABLE = RUNS_TABLE
    KIND = "contact-faults"

    faults = DocumentAttribute()


class ImportItem(ModelItem):
    """An import."""

    TABLE = RUNS_TABLE
    KIND = "import"
    MODEL = Import

    status = ChoiceAttribute(ImportStatus)
    offset = NumberAttribute()
    rows = NumberAttribute()


class GroupItem(ModelItem):
    """A group."""

    TABLE = RUNS_TABLE
    KIND = "contact-group"
    MODEL = Group

    page_key = UnicodeAttribute(null=True)
    index = NumberAttribute(null=True)
    last_key = UnicodeAttribute()


class DynamoContacts:
    """Implements Contacts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages = database.items(PageItem)
        self._faults = database.items(FaultsItem)
        self._imports = database.items(ImportItem)
        self._groups = database.items(GroupItem)
        self._campaigns = database.items(CampaignItem)
        self._counts = database.items(CountsItem)

    def begin_import(self, campaign: Campaign, source: Source, now: datetime) -> Import:
        last = self._last_import(campaign)
        if last is not None and last.source == source:
            return last
        number = last.number + 1 if last else 1
        if number > MOST_IMPORTS:
            raise ConflictError(
                "This campaign has had as many imports as one may have: make another campaign."
            )
        begun = Import(campaign_id=campaign.id, number=number, source=source, created_at=now)
        row = self._campaigns.new(*campaign_key(campaign))
        item = self._imports.new(*_import_key(begun), **attributes(ImportItem, begun))
        actions = changes(CampaignItem, {"imports": begun.number, "importing": begun.number})

        def collect(transaction: TransactWrite) -> None:
            transaction.save(item, condition=Item.pk.does_not_exist())
            transaction.update(row, actions, condition=_may_import(begun.number))

        self._database.write_together(collect, lambda: self._is_begun(campaign, begun))
        return begun

    def _last_import(self, campaign: Campaign) -> Import | None:
        row = self._campaigns.get(*campaign_key(campaign))
        return self.get_import(campaign.id, int(row.imports)) if row and row.imports else None

    def _is_begun(self, campaign: Campaign, begun: Import) -> bool:
        """Say whether this import is there, after a refusal; raise the reason why it can't be."""
        row = self._campaigns.get(*campaign_key(campaign))
        if row is None:
            raise NotFoundError(NO_SUCH_CAMPAIGN)
        if row.status.is_final:
            raise ConflictError("The campaign is over: nobody can be added any more.", code="campaign-over")
        if row.importing == begun.number and self._stored(begun) == begun:
            return True
        if row.importing is not None or row.imports >= begun.number:
            raise ConflictError(
                "Other contacts are being read for this campaign: wait until that import is done.",
                code="import-running",
            )
        return False

    def get_import(self, campaign_id: str, number: int) -> Import:
        item = self._imports.get(_pk(campaign_id), f"IMPORT#{number:06d}")
        return found(Import, item, "This campaign has no import with this number.")

    def list_imports(self, campaign_id: str, *, limit: int, before: int | None = None) -> Sequence[Import]:
        last = "IMPORT#" + (_END if before is None else f"{before - 1:06d}")
        within = Item.sk.between("IMPORT#", last)
        found = self._imports.query(_pk(campaign_id), within, forward=False, limit=limit)
        return [to_model(Import, item) for item in found]

    def save(
        self,
        campaign: Campaign,
        former: Import,
        latest: Import,
        pages: Sequence[Page] = (),
        faults: Sequence[Fault] = (),
    ) -> None:
        self._pages.put_all([self._page_item(former.campaign_id, page) for page in pages])
        self._faults.put_all(list(self._fault_items(former, faults)))
        for page in _last_of_groups(pages):
            self._let_read(former.campaign_id, page)
        self._note(campaign, former, latest)

    def _page_item(self, campaign_id: str, page: Page) -> PageItem:
        contacts = [[each.row, each.number, each.context] for each in page.contacts]
        return self._pages.new(_pages_pk(campaign_id), page.key, contacts=contacts)

    def _fault_items(self, import_: Import, faults: Iterable[Fault]) -> Iterator[FaultsItem]:
        left = iter(faults)
        while some := list(islice(left, MOST_FAULTS_A_PAGE)):
            rows = [[each.row, each.reason] for each in some]
            yield self._faults.new(
                _faults_pk(import_.campaign_id, import_.number), f"{some[0].row:09d}", faults=rows
            )

    def _let_read(self, campaign_id: str, page: Page) -> None:
        first = page.contacts[0]
        let_read = {"country": first.country, "zone": first.zone, "last_key": page.key}
        actions = [GroupItem.of_kind(), *changes(GroupItem, let_read)]
        # Who stood still and reads on what others have read long since takes nothing back.
        is_further = GroupItem.last_key.does_not_exist() | (GroupItem.last_key < page.key)
        self._groups.change(*_group_key(campaign_id, first.group), actions, is_further)

    def _note(self, campaign: Campaign, former: Import, latest: Import) -> None:
        stood = (
            (ImportItem.status == ImportStatus.READING)
            & (ImportItem.rows == former.rows)
            & (ImportItem.offset == former.offset)
        )
        import_, counts = (
            self._imports.new(*_import_key(latest)),
            self._counts.new(*counts_key(latest.campaign_id)),
        )
        added = latest.contacts - former.contacts
        row = self._campaigns.new(*campaign_key(campaign))

        def collect(transaction: TransactWrite) -> None:
            transaction.update(import_, changes(ImportItem, attributes(ImportItem, latest)), condition=stood)
            if added:
                transaction.update(counts, CountsItem.adding({"contacts": added}))
            if latest.status is not ImportStatus.READING:
                is_ours = CampaignItem.importing == latest.number
                transaction.update(row, [CampaignItem.importing.remove()], condition=is_ours)

        self._database.write_together(collect, lambda: self._is_noted(former, latest))

    def _is_noted(self, former: Import, latest: Import) -> bool:
        stored = self._stored(former)
        if stored == latest:
            return True
        if stored != former:
            raise ConflictError("Another process reads these contacts.", code="import-moved")
        return False

    def _stored(self, import_: Import) -> Import | None:
        item = self._imports.get(*_import_key(import_))
        return None if item is None else to_model(Import, item)

    def faults(self, campaign_id: str, number: int, *, after_row: int, limit: int) -> Sequence[Fault]:
        pk, next_row = _faults_pk(campaign_id, number), f"{after_row + 1:09d}"
        before = self._faults.query(pk, Item.sk <= next_row, forward=False, limit=1)
        first = next((item.sk for item in before), next_row)
        items = self._faults.query(pk, Item.sk >= first)
        found = (Fault(row=row, reason=reason) for item in items for row, reason in item.faults)
        return list(islice((fault for fault in found if fault.row > after_row), limit))

    def groups(self, campaign_id: str) -> Sequence[Group]:
        found = self._groups.query(_pk(campaign_id), Item.sk.startswith("GROUP#"))
        return [to_model(Group, item) for item in found]

    def advance(self, campaign_id: str, former: Group, latest: Group, *, duplicates: int = 0) -> bool:
        stands = _is(GroupItem.page_key, former.page_key) & _is(GroupItem.index, former.index)
        moved = changes(GroupItem, {"page_key": latest.page_key, "index": latest.index})
        key = _group_key(campaign_id, former.name)
        if not duplicates:
            return self._groups.change(*key, moved, stands).is_done
        counts, write_id = self._counts.new(*counts_key(campaign_id)), new_write_id()
        moved.append(Item.write_id.set(write_id))

        def collect(transaction: TransactWrite) -> None:
            transaction.update(self._groups.new(*key), moved, condition=stands)
            transaction.update(counts, CountsItem.adding({"duplicates": duplicates}))

        def is_moved() -> bool:
            item = self._groups.get(*key)
            if item is not None and item.write_id == write_id:
                return True
            if item is None or (item.page_key or "", item.index or 0) != (former.page_key, former.index):
                raise ConditionFailedError
            return False

        return self._database.try_together(collect, is_moved)

    def page(self, campaign_id: str, key: str) -> Page:
        item = self._pages.get(_pages_pk(campaign_id), key)
        if item is None:
            raise NotFoundError("This campaign has no such page of contacts.")
        return _to_page(item)

    def remove_page(self, campaign_id: str, key: str) -> None:
        self._pages.remove(_pages_pk(campaign_id), key)

    def remove_faults(self, campaign_id: str) -> None:
        for item in self._imports.query(_pk(campaign_id), Item.sk.startswith("IMPORT#")):
            number = int(item.sk.removeprefix("IMPORT#"))
            self._faults.remove_all(_faults_pk(campaign_id, number))

    def next_page(self, campaign_id: str, group: Group) -> Page | None:
        if group.page_key >= group.last_key:
            return None
        within = Item.sk.between(f"{group.page_key or group.name} ", group.last_key)
        found = self._pages.query(_pages_pk(campaign_id), within, limit=1)
        return next(map(_to_page, found), None)

    def pages(self, campaign_id: str, *, after: str = "", most: int | None = None) -> Iterator[Page]:
        further = Item.sk > after if after else None
        return map(_to_page, self._pages.query(_pages_pk(campaign_id), further, limit=most))

    def imported(self, campaign_id: str, number: int) -> Iterator[Page]:
        for group in self.groups(campaign_id):
            first = f"{group.name}#{number:06d}#"
            within = Item.sk.between(first, first + _END)
            yield from map(_to_page, self._pages.query(_pages_pk(campaign_id), within))


def _pk(campaign_id: str) -> str:
    return f"CAMPAIGN#{campaign_id}"


def _pages_pk(campaign_id: str) -> str:
    return f"CAMPAIGN#{campaign_id}#PAGES"


def _faults_pk(campaign_id: str, number: int) -> str:
    return f"CAMPAIGN#{campaign_id}#FAULTS#{number:06d}"


def _import_key(import_: Import) -> tuple[str, str]:
    return _pk(import_.campaign_id), f"IMPORT#{import_.number:06d}"


def _group_key(campaign_id: str, name: str) -> tuple[str, str]:
    return _pk(campaign_id), f"GROUP#{name}"


def _may_import(number: int) -> Condition:
    """Return the condition of a campaign that is not over, reads nothing, and has had all imports before this one."""
    is_open = CampaignItem.status.is_in(*(status for status in CampaignStatus if not status.is_final))
    may: Condition = is_open & CampaignItem.importing.does_not_exist() & _is(CampaignItem.imports, number - 1)
    return may


def _is(attribute: UnicodeAttribute | NumberAttribute, value: str | int) -> Condition:
    """Return the condition that this is the attribute's value, which does not lie there while it is "" or 0."""
    same: Condition = attribute == value
    return same if value else attribute.does_not_exist() | same


def _last_of_groups(pages: Iterable[Page]) -> Iterable[Page]:
    return {page.contacts[0].group: page for page in sorted(pages, key=lambda page: page.key)}.values()


def _to_page(item: PageItem) -> Page:
    group, import_number, _ = item.sk.split("#")
    country, _, zone = group.partition("|")
    return Page(
        contacts=tuple(
            Contact(
                import_number=int(import_number),
                row=row,
                number=number,
                country=country,
                zone=zone,
                context=context,
            )
            for row, number, context in item.contacts
        )
    )
