"""Journals what each successful request to the embedded AWS changed, before it is answered, and restores it at the next start."""

import base64
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from local.aws import moto_backends
from local.aws.changes import changes, may_change
from local.aws.journal import Journal
from local.aws.records import Record
from local.aws.requests import Reply, Request, call, environ_of, look_at, read_body
from offhook.errors import StorageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class JournaledApp:
    """moto's WSGI application with one request at a time in it.

    moto has no locks of its own: two conditional writes at once could both succeed. As it is bound to one core
    anyway, a lock around it costs nothing, and makes the journal's order the order in which things happened.

    What the journal does not take has not happened: the request is refused, and so is every other that would change
    something, until the journal takes it.
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
            status, headers, content = self._answer(environ, body)
        start_response(status, headers)
        return [content]

    def restore(self) -> None:
        """Bring back what the journal holds."""
        if self._journal:
            self._restore_all(self._journal.take_restored(), self._journal)

    def close(self) -> None:
        with self._mutex:
            if self._journal:
                self._journal.close()

    def _answer(self, environ: "WSGIEnvironment", body: bytes) -> Reply:
        request = look_at(environ, body)
        if self._journal is None or not may_change(request):
            return call(self._app, environ, body)
        try:
            self._journal.check()
        except StorageError as error:
            return _refusal(request, error)
        reply = call(self._app, environ, body)
        if not reply[0].startswith("2"):
            return reply
        try:
            self._note(request, self._journal)
        except StorageError as error:
            self._go_back(self._journal)
            return _refusal(request, error)
        return reply

    def _note(self, request: Request, journal: Journal) -> None:
        records = list(changes(request, journal))
        if records:
            journal.append(*records)
        for record in records:
            if record.body:
                bucket, key = record.scope.partition("/")[2], record.name.partition(" ")[2]
                moto_backends.keep_object_in_file(bucket, key, journal.body_path(record.body))

    def _go_back(self, journal: Journal) -> None:
        """Have everything be as the journal has it: moto has made a change that it does not hold."""
        moto_backends.forget_everything()
        self._restore_all(journal.states(), journal)

    def _restore_all(self, records: Iterable[Record], journal: Journal) -> None:
        for record in records:
            self._restore(record, journal)

    def _restore(self, record: Record, journal: Journal) -> None:
        state: Any = record.state
        kind, _, rest = record.name.partition(" ")
        place, _, holder = record.scope.partition("/")
        if kind == "item":
            moto_backends.restore_item(holder, place, state)
        elif kind == "object" and record.body:
            self._restore_object(holder, rest, state, journal.body_path(record.body))
        else:
            call(self._app, environ_of(state), base64.b64decode(state["body"]))

    def _restore_object(self, bucket: str, key: str, state: Any, path: Path) -> None:
        if not path.exists() or path.stat().st_size != state["size"]:
            self._on_notice(
                f"An object of the bucket {bucket} did not reach the disk before a crash; it is lost."
            )
            return
        moto_backends.restore_object(bucket, key, state["region"], state, path)


def _refusal(request: Request, error: StorageError) -> Reply:
    """Answer as the service does that can't answer for now."""
    if request.is_s3:
        code = f"<Code>ServiceUnavailable</Code><Message>{escape(error.detail)}</Message>"
        return _unavailable("application/xml", f"<Error>{code}</Error>")
    document = {"__type": "com.amazonaws.dynamodb.v20120810#ServiceUnavailable", "message": error.detail}
    return _unavailable("application/x-amz-json-1.0", json.dumps(document))


def _unavailable(media_type: str, text: str) -> Reply:
    content = text.encode()
    headers = [("Content-Type", media_type), ("Content-Length", str(len(content)))]
    return "503 Service Unavailable", headers, content
