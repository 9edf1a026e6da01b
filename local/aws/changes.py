"""What a successful request to the embedded AWS has changed, as records of the journal."""

import json
from collections.abc import Iterator
from typing import Any

from local.aws import moto_backends
from local.aws.journal import Journal
from local.aws.records import Record
from local.aws.requests import SQS_TARGET, Request, replayable
from offhook.json_types import JsonObject

_READS = ("Get", "Describe", "List", "Query", "Scan", "BatchGet", "TransactGet")
_ITEM_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")


def may_change(request: Request) -> bool:
    """Say whether a request may change what is kept: messages are not, for whatever a lost one was for, the reaper asks again."""
    if request.path.startswith("/moto-api") or request.target.startswith(SQS_TARGET):
        return False
    if request.is_s3:
        return request.method in ("PUT", "POST", "DELETE")
    action = _action(request)
    return bool(action) and not action.startswith(_READS)


def changes(request: Request, journal: Journal) -> Iterator[Record]:
    """Yield what the things are now that a request may have changed; raise StorageError where a body can't be written."""
    if request.is_s3:
        yield from _s3_changes(request, journal)
    else:
        yield from _dynamodb_changes(request)


def _action(request: Request) -> str:
    return request.target.partition(".")[2]


def _dynamodb_changes(request: Request) -> Iterator[Record]:
    action, body, region = _action(request), json.loads(request.body), request.region
    if action in _ITEM_WRITES:
        for table, key in _touched(action, body, region):
            state = moto_backends.item_state(table, region, key)
            yield Record(scope=f"{region}/{table}", name=f"item {_canonical(key)}", state=state)
        return
    scope = f"{region}/{body.get('TableName', '')}"
    if action == "DeleteTable":
        yield Record(scope=scope, name="", state=None)
    else:
        yield Record(scope=scope, name=_request_name(action, body), state=replayable(request))


def _s3_changes(request: Request, journal: Journal) -> Iterator[Record]:
    bucket, _, key = request.path.lstrip("/").partition("/")
    scope = f"s3/{bucket}"
    if key:
        if not _is_part_of_upload(request):
            yield _object(bucket, key, request.region, journal)
    elif request.method == "POST":
        yield from _vanished_objects(bucket, journal)
    elif request.method == "DELETE" and not request.query:
        yield Record(scope=scope, name="", state=None)
    else:
        name = f"request {request.method} {request.query}"
        yield Record(scope=scope, name=name, state=replayable(request))


def _object(bucket: str, key: str, region: str, journal: Journal) -> Record:
    scope, name = f"s3/{bucket}", f"object {key}"
    found = moto_backends.object_state(bucket, key)
    if found is None:
        return Record(scope=scope, name=name, state=None)
    state, content = found
    state["region"] = region
    return Record(scope=scope, name=name, state=state, body=journal.put_body(content))


def _vanished_objects(bucket: str, journal: Journal) -> Iterator[Record]:
    """After a POST to a bucket, which deletes many objects at once: yield those that are not there any more."""
    for name in journal.names(f"s3/{bucket}"):
        kind, _, key = name.partition(" ")
        if kind == "object" and not moto_backends.object_exists(bucket, key):
            yield Record(scope=f"s3/{bucket}", name=name, state=None)


def _touched(action: str, body: Any, region: str) -> list[tuple[str, JsonObject]]:
    """List table and key of all items that an action may have changed."""
    if action == "BatchWriteItem":
        writes = [(table, next(iter(w.values()))) for table, ws in body["RequestItems"].items() for w in ws]
    elif action == "TransactWriteItems":
        writes = [(op["TableName"], op) for item in body["TransactItems"] for op in item.values()]
    else:
        writes = [(body["TableName"], body)]
    return [
        (table, write.get("Key") or moto_backends.keys_of(table, region, write["Item"]))
        for table, write in writes
    ]


def _is_part_of_upload(request: Request) -> bool:
    names = {part.partition("=")[0] for part in request.query.split("&")}
    return "uploads" in names or ("uploadId" in names and request.method != "POST")


def _request_name(action: str, body: JsonObject) -> str:
    # Tagging and the like are told apart by their bodies: each may add something.
    return f"request {action} {'' if action == 'CreateTable' else _canonical(body)}"


def _canonical(value: JsonObject) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
