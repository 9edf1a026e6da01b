"""One DynamoDB client for all tables, and the few things that are ever done with an item."""

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import islice
from types import new_class
from typing import Any, ClassVar, Generic, TypeVar, cast

from botocore.session import Session
from pynamodb.attributes import DiscriminatorAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.connection._botocore_private import BotocoreBaseClientPrivate
from pynamodb.connection.base import MetaTable
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.pagination import ResultIterator
from pynamodb.transactions import TransactWrite

from offhook.adapters import sdk
from offhook.adapters.dynamodb.items.translation import ConditionFailedError, ContendedError, storage_errors
from offhook.adapters.dynamodb.tables import SORT_KEY, TABLES, Index, Table, table_definition
from offhook.errors import StorageError
from offhook.settings import Settings

POOLED_CONNECTIONS = 32

# What DynamoDB reads and writes in one batch, and how often it is asked for what it left undone: after at most 1.6 s in all.
_BATCH = 100
_WRITTEN_BATCH = 25
_BATCH_ATTEMPTS = 6
_FIRST_PAUSE_S = 0.05

ROWS_OF_A_FILTERED_PAGE = 250
"""How many rows a filter is asked of with one query, whatever passes it; more than a page has."""

# As many rows of an index as DynamoDB looks through for one reply of 1 MB, as a rule.
_KEYS_AT_ONCE = 1_000


class Item(Model):
    """What every item has: its keys, its kind, and the name of the write that left it as it is.

    `write_id` tells a write of ours that the SDK sent twice, because the first reply was lost, from one that another
    process made: without it a retry would be refused by its own first attempt.
    """

    TABLE: ClassVar[Table]
    KIND: ClassVar[str]

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    write_id = UnicodeAttribute(null=True)
    ttl = TTLAttribute(null=True)

    @classmethod
    def of_kind(cls) -> Action:
        """Return what an update must say besides that may be what makes the item."""
        return Path(["kind"]).set(cls.KIND)


ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[ItemT]):
    """Whether a conditional change was made, and the item as it is stored now (None: there is none)."""

    is_done: bool
    item: ItemT | None


class Items(Generic[ItemT]):
    """The items of one kind in one install."""

    def __init__(self, bind: Callable[[], type[ItemT]], table: TableConnection) -> None:
        self._bind = bind
        self._table = table

    @cached_property
    def item_class(self) -> type[ItemT]:
        """The class of these items, bound to their table; made when it is first used: a function needs a few of forty."""
        return self._bind()

    def new(self, pk: str, sk: str, **attributes: Any) -> ItemT:
        """Make an item; attributes that are None are not stored."""
        return self.item_class(pk, sk, **attributes)

    def get(self, pk: str, sk: str) -> ItemT | None:
        """Read one item, as the last acknowledged write left it."""
        with storage_errors():
            try:
                return self.item_class.get(pk, sk, consistent_read=True)
            except DoesNotExist:
                return None

    def put(self, item: ItemT) -> None:
        """Store the item in place of any with its key; doing it again is harmless."""
        _write(item.save)

    def put_new(self, item: ItemT) -> bool:
        """Store the item unless one with its key is there; say whether it is stored."""
        item.write_id = new_write_id()
        try:
            _write(lambda: item.save(Item.pk.does_not_exist()))
        except ConditionFailedError:
            stored = self.get(item.pk, item.sk)
            return stored is not None and stored.write_id == item.write_id
        return True

    def change(self, pk: str, sk: str, actions: Sequence[Action], condition: Condition) -> Outcome[ItemT]:
        """Update one item if it meets the condition."""
        item = self.item_class(pk, sk)
        write_id = new_write_id()
        try:
            _write(lambda: item.update([*actions, Item.write_id.set(write_id)], condition))
        except ConditionFailedError:
            stored = self.get(pk, sk)
            return Outcome(is_done=stored is not None and stored.write_id == write_id, item=stored)
        return Outcome(is_done=True, item=item)

    def remove(self, pk: str, sk: str, condition: Condition | None = None) -> bool:
        """Remove one item if it meets the condition, and say whether it did."""
        try:
            _write(lambda: self.item_class(pk, sk).delete(condition))
        except ConditionFailedError:
            return False
        return True

    def remove_all(self, pk: str) -> None:
        """Remove all items of a partition, many at a time."""
        with storage_errors():
            self.remove_many(
                (item.pk, item.sk)
                for item in self.item_class.query(pk, consistent_read=True, attributes_to_get=["pk", "sk"])
            )

    def remove_many(self, keys: Iterable[tuple[str, str]]) -> None:
        """Remove these items, each named once and of whatever kind, many at a time; those that are not there are passed over."""
        left = iter(keys)
        while some := list(islice(left, _WRITTEN_BATCH)):
            self._write_batch([], [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in some])

    def get_many(self, keys: Sequence[tuple[str, str]]) -> Iterator[ItemT]:
        """Yield those items that are there, in any order, as the last acknowledged writes left them."""
        # TableConnection's annotation knows only simple keys.
        wanted: list[Any] = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
        for start in range(0, len(wanted), _BATCH):
            yield from self._get_batch(wanted[start : start + _BATCH])

    def _get_batch(self, keys: list[Any]) -> Iterator[ItemT]:
        """Yield what is there of these keys, asking again, less and less often, for those that DynamoDB left undone.

        PynamoDB's own loop asks at once and for ever, which is what keeps a throttled table throttled.
        """
        for _ in _less_and_less_often():
            with storage_errors():
                reply = self._table.batch_get_item(keys, consistent_read=True)
            yield from map(self.item_class.from_raw_data, reply["Responses"].get(self._table.table_name, ()))
            keys = reply["UnprocessedKeys"].get(self._table.table_name, {}).get("Keys", [])
            if not keys:
                return

    def put_all(self, items: Sequence[ItemT]) -> None:
        """Store the items in place of any with their keys, many at a time and in any order; doing it again is harmless."""
        for start in range(0, len(items), _WRITTEN_BATCH):
            self._write_batch([item.serialize() for item in items[start : start + _WRITTEN_BATCH]], [])

    def _write_batch(self, rows: list[Any], removed: list[Any]) -> None:
        """Put these rows and remove what has these keys, asking again for what DynamoDB left undone."""
        for _ in _less_and_less_often():
            with storage_errors():
                reply = self._table.batch_write_item(put_items=rows, delete_items=removed)
            left = reply["UnprocessedItems"].get(self._table.table_name, [])
            rows = [each["PutRequest"]["Item"] for each in left if "PutRequest" in each]
            removed = [each["DeleteRequest"]["Key"] for each in left if "DeleteRequest" in each]
            if not left:
                return

    def query(
        self,
        pk: str,
        sk: Condition | None,
        *,
        index: Index | None = None,
        consistent: bool = True,
        forward: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Iterator[ItemT]:
        """Yield items in the order of their sort keys, or the other way round, page by page; `limit` at most.

        Without `sk` they are all of the partition. An index is never consistent.
        """
        with storage_errors():
            yield from self.item_class.query(
                pk,
                sk,
                index_name=index.name if index else None,
                consistent_read=consistent and index is None,
                scan_index_forward=forward,
                limit=limit,
                page_size=page_size,
            )

    def page(
        self,
        pk: str,
        sk: Condition | None,
        filter_: Condition | None = None,
        *,
        index: Index | None = None,
        limit: int,
        most_queries: int = 1,
    ) -> tuple[list[ItemT], str | None]:
        """Return a page, last sort key first, and the sort key below which the next one begins; None at the end.

        It may be short, or empty, although more follow: a filter is asked of so many rows at most, whatever passes it. An
        index is never consistent.
        """
        name = SORT_KEY if index is None else index.sort_key
        result = self.item_class.query(
            pk,
            sk,
            filter_,
            index_name=index.name if index else None,
            consistent_read=index is None,
            scan_index_forward=False,
            # One more than wanted, to know whether there is more.
            page_size=limit + 1 if filter_ is None else ROWS_OF_A_FILTERED_PAGE,
        )
        found: list[ItemT] = []
        last_key = None
        with storage_errors():
            for page in islice(result.page_iter, most_queries):
                found += map(self.item_class.from_raw_data, page["Items"])
                last_key = page.get("LastEvaluatedKey")
                if len(found) > limit:
                    return found[:limit], getattr(found[limit - 1], name)
        return found, last_key[name]["S"] if last_key else None

    def sort_keys(
        self,
        pk: str,
        sk: Condition,
        filter_: Condition | None = None,
        *,
        index: Index,
        looked_at: int,
        ascending: bool,
    ) -> Iterator[str]:
        """Yield the sort keys alone of those that pass, in this order, of so many rows at most."""
        pages = self.item_class.query(
            pk,
            sk,
            filter_,
            index_name=index.name,
            scan_index_forward=ascending,
            page_size=min(looked_at, _KEYS_AT_ONCE),
            attributes_to_get=[index.sort_key],
        ).page_iter
        with storage_errors():
            for page in pages:
                yield from (row[index.sort_key]["S"] for row in page["Items"])
                looked_at -= page["ScannedCount"]
                if looked_at <= 0:
                    return


class _Connection(Connection):
    """PynamoDB's connection on the SDK's session of this process, where it would make one for each thread."""

    @property
    def session(self) -> Session:
        return sdk.session()

    @property
    def client(self) -> BotocoreBaseClientPrivate:
        with sdk.making_clients:
            return super().client


class Database:
    """A connection to the tables of one install; safe to share between threads."""

    def __init__(self, settings: Settings, *, endpoint_url: str | None = None) -> None:
        self.connection = _Connection(
            host=endpoint_url,
            connect_timeout_seconds=sdk.CONNECT_TIMEOUT_S,
            read_timeout_seconds=sdk.READ_TIMEOUT_S,
            max_retry_attempts=sdk.RETRIES,
            max_pool_connections=POOLED_CONNECTIONS,
        )
        self._tables = {table.setting: self._open(table, settings) for table in TABLES}

    def items(self, item_class: type[ItemT]) -> Items[ItemT]:
        """Return the items of this kind in this install."""
        table = self._tables[item_class.TABLE.setting]
        return Items(partial(_bound, item_class, table), table)

    def together(self, pk: str, sk: Condition, *kinds: Items[Any]) -> Iterator[Item]:
        """Yield the items of these kinds, all of one table, with one consistent query in the order of their sort keys.

        Each comes as the class of its kind; those of other kinds are left out.
        """
        classes = {items.item_class.KIND: items.item_class for items in kinds}
        table = self._tables[kinds[0].item_class.TABLE.setting]
        # Model.query would filter by the kind of its own class.
        rows = ResultIterator[Any](table.query, (pk,), {"range_key_condition": sk, "consistent_read": True})
        with storage_errors():
            for row in rows:
                item_class = classes.get(row["kind"]["S"])
                if item_class is not None:
                    yield item_class.from_raw_data(row)

    def keys(self, table: Table, pk: str) -> Iterator[tuple[str, str]]:
        """Yield the keys of all items of a partition, of every kind, in the order of their sort keys."""
        asked = {"consistent_read": True, "attributes_to_get": ["pk", "sk"]}
        rows = ResultIterator[Any](self._tables[table.setting].query, (pk,), asked)
        with storage_errors():
            yield from ((row["pk"]["S"], row["sk"]["S"]) for row in rows)

    def write_together(
        self, collect: Callable[[TransactWrite], None], explain: Callable[[], bool | None]
    ) -> None:
        """Make the collected writes in one transaction, and again if others were at the same items just then.

        Two transactions that meet at one item cancel each other without either having been wrong.

        After a refusal `explain` raises its reason if that will stay, or says whether the writes are made already.
        """
        for _ in _less_and_less_often():
            try:
                with storage_errors(), TransactWrite(connection=self.connection) as transaction:
                    collect(transaction)
            except ConditionFailedError:
                if explain():
                    return
            else:
                return

    def try_together(self, collect: Callable[[TransactWrite], None], is_made: Callable[[], bool]) -> bool:
        """As `write_together`; say False where `is_made` raises ConditionFailedError: what was to change has changed."""
        try:
            self.write_together(collect, is_made)
        except ConditionFailedError:
            return False
        return True

    def _open(self, table: Table, settings: Settings) -> TableConnection:
        definition = table_definition(table, settings)
        self.connection.add_meta_table(MetaTable(definition))
        opened = TableConnection(definition["TableName"])
        opened.connection = self.connection
        return opened


def organization_pk(organization_id: str) -> str:
    """Return the partition of what an organization has."""
    return f"ORG#{organization_id}"


def _bound(item_class: type[ItemT], table: TableConnection) -> type[ItemT]:
    """Return the class for the items of this kind in this table."""
    body = {
        "Meta": type("Meta", (), {"table_name": table.table_name}),
        # A map of kinds of its own: two installs may be open in one process.
        "kind": DiscriminatorAttribute(),
        # PynamoDB would make one client, 50 to 70 ms, for each class; given one, it takes that.
        "_connection": table,
        **{index.name: _index_class(index)() for index in item_class.TABLE.indexes},
    }
    bound = new_class(
        item_class.__name__, (item_class,), {"discriminator": item_class.KIND}, lambda ns: ns.update(body)
    )
    return cast("type[ItemT]", bound)


@cache
def _index_class(index: Index) -> type[GlobalSecondaryIndex[Any]]:
    """Tell PynamoDB by which keys an index is asked; the rest of it is the table's."""
    body = {
        "Meta": type("Meta", (), {"index_name": index.name, "projection": AllProjection()}),
        index.partition_key: UnicodeAttribute(hash_key=True),
        index.sort_key: UnicodeAttribute(range_key=True),
    }
    made = new_class(index.name, (GlobalSecondaryIndex,), {}, lambda ns: ns.update(body))
    return cast("type[GlobalSecondaryIndex[Any]]", made)


def _write(write: Callable[[], object]) -> None:
    """Make one write, and again while a transaction is at its item, which DynamoDB refuses and no SDK repeats."""
    for _ in _less_and_less_often():
        with suppress(ContendedError), storage_errors():
            write()
            return


def _less_and_less_often() -> Iterator[None]:
    """Yield for each time that DynamoDB is asked for what it has not done; raise StorageError when that was often enough."""
    for attempt in range(_BATCH_ATTEMPTS):
        if attempt:
            time.sleep(_FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.5, 1))
        yield
    raise StorageError("The database is too busy for all of this just now: try again in a few seconds.")


def new_write_id() -> str:
    """Return the name of one write."""
    return secrets.token_urlsafe(9)
