"""All that Offhook knows of moto's insides: reading the state of items and objects, putting it back, faster work.

Written against moto 5.2; when an update breaks something here, tests/system/test_embedded_aws.py says so.
"""

# What moto declares of its insides is less than what it has.
# mypy: disable-error-code="arg-type, assignment, attr-defined, dict-item, no-any-return"

import base64
import copy
import io
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from moto import backends
from moto.core import responses
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.serialize import SERVICE_SPECIFIC_SERIALIZERS, JSONSerializer
from moto.dynamodb.comparisons import get_comparison_func
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.moto_server import werkzeug_app
from moto.s3.exceptions import NoSuchUpload
from moto.s3.models import FakeKey, S3Backend, s3_backends
from moto.sqs.models import sqs_backends

from local.aws.moto_expressions import mend_expressions
from offhook.json_types import JsonObject

# DynamoDB knows a token for ten minutes; a retry comes within seconds.
_REMEMBERED_TOKENS = 1000
_replies: dict[str, Any] = {}


def keys_of(table_name: str, region: str, attributes: JsonObject) -> JsonObject:
    """Pick the primary key out of an item's attributes."""
    return {name: attributes[name] for name in _table(region, table_name).table_key_attrs}


def item_state(table_name: str, region: str, key: JsonObject) -> JsonObject | None:
    """Return an item as DynamoDB JSON, or None when there is none."""
    table = _table(region, table_name)
    item = table.get_item(*_key_values(table, key))
    return None if item is None else {name: _plain(value) for name, value in item.attrs.items()}


def restore_item(table_name: str, region: str, attributes: JsonObject) -> None:
    """Put an item back, without the checks that it passed when it was first written."""
    table = _table(region, table_name)
    values = {name: _typed(value) for name, value in attributes.items()}
    _set_item(table, _item(*_key_values(table, attributes), values))


def object_state(bucket: str, key: str) -> tuple[JsonObject, bytes] | None:
    """Return what S3 says about an object, and its content; None when there is none."""
    found = _object(bucket, key)
    if found is None:
        return None
    state: JsonObject = {
        "size": found.contentsize,
        "etag": found.etag.strip('"'),
        "last_modified": found.last_modified.isoformat(),
        "metadata": dict(found.metadata),
        "storage": found.storage_class,
        "encryption": found.encryption,
        "tags": _s3().tagger.get_tag_dict_for_resource(found.arn),
    }
    return state, found.value


def object_exists(bucket: str, key: str) -> bool:
    return _object(bucket, key) is not None


def restore_object(bucket: str, key: str, region: str, state: Any, path: Path) -> None:
    """Put an object back; its content stays in its file until somebody asks for it."""
    backend = _s3()
    found = FakeKey(
        name=key,
        value=b"",
        account_id=DEFAULT_ACCOUNT_ID,
        region_name=region,
        storage=state["storage"],
        etag=state["etag"],
        version_id="null",
        bucket_name=bucket,
        encryption=state["encryption"],
    )
    found.last_modified = datetime.fromisoformat(state["last_modified"])
    found.set_metadata(dict(state["metadata"]), replace=False)
    backend.buckets[bucket].keys.setlist(key, [found])
    if state["tags"]:
        backend.put_object_tagging(found, state["tags"])
    _keep_in_file(found, path, state["size"])


def keep_object_in_file(bucket: str, key: str, path: Path) -> None:
    """Let go of the content that moto holds in memory; `path` has the same."""
    found = _s3().buckets[bucket].keys[key]
    _keep_in_file(found, path, found.contentsize)


def has_message(queue_name: str, region: str) -> bool:
    """Say whether a queue has a message to give now; a queue that is not there is left to whoever asks it."""
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][region].queues.get(queue_name)
    return queue is None or bool(queue.messages)


def forget_everything() -> None:
    """Have DynamoDB and S3 be empty, as they are at the start; queues keep their messages."""
    _replies.clear()
    for service in (dynamodb_backends, s3_backends):
        for regions in service.values():
            for backend in regions.values():
                backend.reset()


def mend_dynamodb() -> None:
    """Make DynamoDB's operations cost what they touch, and a transaction that is sent twice happen once.

    It holds for every backend created from now on.
    """
    dynamodb_backends.backend = _Backend
    SERVICE_SPECIFIC_SERIALIZERS["dynamodb"] = {"json": _Serializer}
    DynamoHandler.transact_write_items = _once_for_each_token(DynamoHandler.transact_write_items)
    Item.project = _by_plain_names(Item.project)
    Item.__init__ = _weighed_once
    # moto throws dice for each letter of it.
    responses.gen_amzn_requestid_long = _request_id
    mend_expressions()
    # A third of a small request: both are asked anew for each, and are always the same.
    responses.method_names_from_class = cache(responses.method_names_from_class)
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules


class _Backend(DynamoDBBackend):
    """moto's DynamoDB on small tables: its transactions copy each table whole, and its queries sort it whole.

    At 10,000 items either takes a good part of a second. So a transaction sees a copy of the tables with only the
    items that it names, which go back when it succeeds, and a query a table with only the items of its hash key; of an
    index only those of the page that it asks for.
    """

    # moto finds a backend's routes through the module of its class.
    __module__ = DynamoDBBackend.__module__

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        touched = [(op["TableName"], op.get("Key") or op.get("Item")) for op in _operations(transact_items)]
        view = copy.copy(self)
        view.tables = dict(self.tables)
        for name in {name for name, _ in touched if name in self.tables}:
            keys = (attributes for table_name, attributes in touched if table_name == name)
            view.tables[name] = _slice(self.tables[name], keys)
        super(_Backend, view).transact_write_items(transact_items)
        for name, attributes in touched:
            _copy_item(view.tables[name], self.tables[name], attributes)

    def query(self, table_name: str, hash_key_dict: dict[str, Any] | None, *args: Any, **kwargs: Any) -> Any:
        table = self.tables.get(table_name)
        view = copy.copy(self)
        if table and kwargs.get("index_name"):
            conditions = kwargs.get("hash_key_conditions") or []
            view.tables = {table_name: _with_items(table, _page(table, conditions, args, kwargs))}
        elif table and hash_key_dict:
            view.tables = {table_name: _with_items(table, _partition(table, hash_key_dict))}
        return super(_Backend, view).query(table_name, hash_key_dict, *args, **kwargs)


def mend_uploads() -> None:
    """Refuse a part of an upload that is over, as S3 does; moto fails at it. It holds for the whole process."""
    upload_part = S3Backend.upload_part

    def checked(self: S3Backend, bucket_name: str, multipart_id: str, part_id: int, value: bytes) -> FakeKey:
        if multipart_id not in self.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=multipart_id)
        return upload_part(self, bucket_name, multipart_id, part_id, value)

    S3Backend.upload_part = checked


def mend_cors() -> None:
    """Let pages read what the rules of a bucket say, as S3 does; moto lets all pages read everything."""
    werkzeug_app.DISABLE_GLOBAL_CORS = True


def _once_for_each_token(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Answer a transaction whose token was seen as it was answered then, as DynamoDB does; moto looks at no tokens."""

    def write_once(handler: Any) -> Any:
        token = handler.body.get("ClientRequestToken", "")
        if token in _replies:
            return _replies[token]
        reply = write(handler)
        if token:
            _replies[token] = reply
        if len(_replies) > _REMEMBERED_TOKENS:
            del _replies[next(iter(_replies))]
        return reply

    return write_once


def _by_plain_names(
    project: Callable[[Item, list[list[str]]], Item],
) -> Callable[[Item, list[list[str]]], Item]:
    """Pick attributes as they are; moto translates the whole item, there and back, for each one that it picks."""

    def pick(item: Item, paths: list[list[str]]) -> Item:
        names = {path[0] for path in paths}
        if any(len(path) > 1 or path[0].endswith("]") for path in paths):
            return project(item, paths)
        return _item(item.hash_key, item.range_key, {k: v for k, v in item.attrs.items() if k in names})

    return pick


def _weighed_once(
    item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    """Make an item and see whether it is too large; moto weighs the whole of it for each attribute."""
    item.hash_key, item.range_key, item.attrs = hash_key, range_key, LimitedSizeDict()
    dict.update(item.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if attrs:
        name, value = item.attrs.popitem()
        item.attrs[name] = value


def _request_id(headers: dict[str, Any]) -> str:
    headers["x-amzn-requestid"] = secrets.token_hex(26).upper()
    return str(headers["x-amzn-requestid"])


class _Serializer(JSONSerializer):
    """moto's JSON, without asking the service model about each field of each value of each item."""

    def _serialize_type_structure(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue":
            serialized[key] = _plain(value)
        else:
            super()._serialize_type_structure(serialized, value, shape, key)


class _StoredBody(io.RawIOBase):
    """The content of an object, read from its file when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._offset = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            content = file.read(size)
        self._offset += len(content)
        return content


def _keep_in_file(found: FakeKey, path: Path, size_bytes: int) -> None:
    found._value_buffer.close()  # noqa: SLF001 (this file is where we know)
    found._value_buffer = _StoredBody(path)  # noqa: SLF001
    found.contentsize = size_bytes


def _s3() -> S3Backend:
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


def _object(bucket: str, key: str) -> FakeKey | None:
    buckets = _s3().buckets
    found = buckets[bucket].keys.get(key) if bucket in buckets else None
    # What else it may be marks that the newest version was deleted.
    return found if isinstance(found, FakeKey) else None


def _table(region: str, name: str) -> Table:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][region].get_table(name)


def _operations(transact_items: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (next(iter(item.values())) for item in transact_items)


def _with_items(table: Table, items: Iterable[Item]) -> Table:
    small = copy.copy(table)
    small.items = defaultdict(dict)
    for item in items:
        _set_item(small, item)
    return small


def _partition(table: Table, hash_key: dict[str, Any]) -> list[Item]:
    found = table.items.get(DynamoType(hash_key))
    return [found] if isinstance(found, Item) else list((found or {}).values())


def _matching(table: Table, conditions: Iterable[tuple[str, dict[str, Any]]]) -> Iterable[Item]:
    wanted = [(name, DynamoType(value)) for name, value in conditions]
    for found in table.items.values():
        for item in (found,) if isinstance(found, Item) else found.values():
            # Values of one key have one type; their own comparison would cast them each time.
            if all(name in item.attrs and item.attrs[name].value == value.value for name, value in wanted):
                yield item


def _page(table: Table, conditions: Any, query: tuple[Any, ...], names: dict[str, Any]) -> list[Item]:
    """Return what one page of an index looks at, and what tells moto that there is another page."""
    comparison, values, limit, start_key, is_forward = query[:5]
    sort_key = _text_sort_key(table, names["index_name"])
    if sort_key is None:
        return list(_matching(table, conditions))
    found = [
        (item.attrs[sort_key].value, item) for item in _matching(table, conditions) if sort_key in item.attrs
    ]
    if comparison:
        bounds = [value["S"] for value in values]
        compare = get_comparison_func(comparison)
        found = [(text, item) for text, item in found if compare(text, *bounds)]
    is_backward = is_forward is False
    found.sort(key=itemgetter(0), reverse=is_backward)
    if start_key:
        start = start_key[sort_key]["S"]
        found = [(text, item) for text, item in found if (text <= start if is_backward else text >= start)]
    return _first(found, limit, start_key[sort_key]["S"] if start_key else None)


def _first(found: list[tuple[str, Item]], limit: int | None, start: str | None) -> list[Item]:
    # Items may share a sort key: where among them a page starts and ends is left to moto.
    if limit is not None:
        end = limit + sum(text == start for text, _ in found)
        last = found[end][0] if end < len(found) else None
        found = found[: end + 1] + [(text, item) for text, item in found[end + 1 :] if text == last]
    return [item for _, item in found]


def _text_sort_key(table: Table, index_name: str) -> str | None:
    names = [key["AttributeName"] for key in table.get_index(index_name).schema if key["KeyType"] == "RANGE"]
    texts = [attr["AttributeName"] for attr in table.attr if attr["AttributeType"] == "S"]
    return next((name for name in names if name in texts), None)


def _item(hash_key: DynamoType, range_key: DynamoType | None, attributes: dict[str, DynamoType]) -> Item:
    item: Any = Item.__new__(Item)
    item.hash_key, item.range_key = hash_key, range_key
    # Its own __setitem__ weighs the whole item for each attribute.
    item.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(item.attrs, attributes)
    return item


def _set_item(table: Table, item: Item) -> None:
    if item.range_key is None:
        table.items[item.hash_key] = item
    else:
        table.items[item.hash_key][item.range_key] = item


def _slice(table: Table, touched: Iterable[dict[str, Any]]) -> Table:
    small = _with_items(table, ())
    for attributes in touched:
        _copy_item(table, small, attributes)
    # So moto needs no copy for its rollback.
    small.items = copy.deepcopy(small.items)
    return small


def _copy_item(source: Table, target: Table, attributes: dict[str, Any]) -> None:
    """Make one item of the target what it is in the source."""
    hash_key, range_key = _key_values(source, attributes)
    item = source.get_item(hash_key, range_key)
    if item is None:
        target.delete_item(hash_key, range_key)
    else:
        _set_item(target, item)


def _key_values(table: Table, attributes: Any) -> tuple[DynamoType, DynamoType | None]:
    hash_key = DynamoType(attributes[table.hash_key_attr])
    return hash_key, DynamoType(attributes[table.range_key_attr]) if table.range_key_attr else None


def _typed(attribute: Any) -> DynamoType:
    """Build a value as its constructor does, in a third of the time: that is most of a restart."""
    ((kind, content),) = attribute.items()
    if kind == "L":
        content = [_typed(inner) for inner in content]
    elif kind == "M":
        content = {name: _typed(inner) for name, inner in content.items()}
    value = DynamoType.__new__(DynamoType)
    value.type, value.value = kind, content
    return value


def _plain(attribute: Any) -> JsonObject:
    """Write a value as DynamoDB JSON, whether moto holds it as its own type or as JSON with such types inside."""
    if isinstance(attribute, DynamoType):
        kind, content = attribute.type, attribute.value
    else:
        ((kind, content),) = attribute.items()
    if kind == "M":
        content = {name: _plain(inner) for name, inner in content.items()}
    elif kind == "L":
        content = [_plain(inner) for inner in content]
    elif isinstance(content, bytes):
        content = base64.b64encode(content).decode()
    return {kind: content}
