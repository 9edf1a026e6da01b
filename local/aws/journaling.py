"""Journals what each successful request to the embedded AWS changed, and restores it at the next start."""

import base64
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.aws import moto_backends
from local.aws.journal import Journal, Record
from local.aws.requests import SQS_TARGET, Request, call, environ_of, look_at, read_body, replayable
from offhook.json_types import JsonObject

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READS = ("Get", "Describe", "List", "Query", "Scan", "BatchGet", "TransactGet")
_ITEM_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")


class JournaledApp:
    """moto's WSGI application with one request at a time in it.

    moto has no locks of its own: two conditional writes at once could both succeed. As it is bound to one core
    anyway, a lock around it costs nothing, and makes the journal's order the order in which things happened.
    """

    def __init__(
        self, app: "WSGIApplication", journal: Journal | None, *, on_notice: Callable[[str], None]
    ) -> None:
        self._app = app
        self._journal = journal
        self._on_notice = on_notice
        self._mutex = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        # Before the lock: a slow sender must not hold the others up.
        body = read_body(environ)
        with self._mutex:
            status, headers, content = call(self._app, environ, body)
            if self._journal and status.startswith("2"):
                self._note(look_at(environ, body), self._journal)
        start_response(status, headers)
        return [content]

    def restore(self) -> None:
        """Bring back what the journal holds."""
        if not self._journal:
            return
        for record in self._journal.take_restored():
            self._restore(record, self._journal)

    def close(self) -> None:
        with self._mutex:
            if self._journal:
                self._journal.close()

    def _note(self, request: Request, journal: Journal) -> None:
        # Messages are not kept: whatever a lost one was for, the reaper asks for again.
        if request.path.startswith("/moto-api") or request.target.startswith(SQS_TARGET):
            return
        if not request.is_s3:
            self._note_dynamodb(request, journal)
        elif request.method in ("PUT", "POST", "DELETE"):
            self._note_s3(request, journal)

    def _note_dynamodb(self, request: Request, journal: Journal) -> None:
        action = request.target.partition(".")[2]
        if not action or action.startswith(_READS):
            return
        body = json.loads(request.body)
        if action in _ITEM_WRITES:
            for table, key in _touched(action, body, request.region):
                state = moto_backends.item_state(table, request.region, key)
                journal.append(
                    Record(scope=f"{request.region}/{table}", name=f"item {_canonical(key)}", state=state)
                )
        elif action == "DeleteTable":
            journal.append(Record(scope=f"{request.region}/{body['TableName']}", name="", state=None))
        else:
            table = body.get("TableName", "")
            journal.append(
                Record(
                    scope=f"{request.region}/{table}",
                    name=_request_name(action, body),
                    state=replayable(request),
                )
            )

    def _note_s3(self, request: Request, journal: Journal) -> None:
        bucket, _, key = request.path.lstrip("/").partition("/")
        if key:
            if not _is_part_of_upload(request):
                self._note_object(bucket, key, request.region, journal)
        elif request.method == "POST":
            self._note_vanished_objects(bucket, journal)
        elif request.method == "DELETE" and not request.query:
            journal.append(Record(scope=f"s3/{bucket}", name="", state=None))
        else:
            name = f"request {request.method} {request.query}"
            journal.append(Record(scope=f"s3/{bucket}", name=name, state=replayable(request)))

    def _note_object(self, bucket: str, key: str, region: str, journal: Journal) -> None:
        found = moto_backends.object_state(bucket, key)
        if found is None:
            journal.append(Record(scope=f"s3/{bucket}", name=f"object {key}", state=None))
            return
        state, content = found
        digest = journal.bodies.put(content)
        state["region"] = region
        journal.append(Record(scope=f"s3/{bucket}", name=f"object {key}", state=state, body=digest))
        moto_backends.keep_object_in_file(bucket, key, journal.bodies.path(digest))

    def _note_vanished_objects(self, bucket: str, journal: Journal) -> None:
        """After a POST to a bucket, which deletes many objects at once: note those that are not there any more."""
        for name in journal.names(f"s3/{bucket}"):
            kind, _, key = name.partition(" ")
            if kind == "object" and not moto_backends.object_exists(bucket, key):
                journal.append(Record(scope=f"s3/{bucket}", name=name, state=None))

    def _restore(self, record: Record, journal: Journal) -> None:
        state: Any = record.state
        kind, _, rest = record.name.partition(" ")
        place, _, holder = record.scope.partition("/")
        if kind == "item":
            moto_backends.restore_item(holder, place, state)
        elif kind == "object" and record.body:
            self._restore_object(holder, rest, state, journal.bodies.path(record.body))
        else:
            call(self._app, environ_of(state), base64.b64decode(state["body"]))

    def _restore_object(self, bucket: str, key: str, state: Any, path: Path) -> None:
        if not path.exists() or path.stat().st_size != state["size"]:
            self._on_notice(
                f"An object of the bucket {bucket} did not reach the disk before a crash; it is lost."
            )
            return
        moto_backends.restore_object(bucket, key, state["region"], state, path)


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
