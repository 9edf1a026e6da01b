"""Notes what each room asks of AWS while tests run, here and in the processes that tests start.

Each line of a note is a room, an IAM action, and what it is done to: `runs dynamodb:GetItem runs IDEMPOTENCY`. A request
belongs to the room whose route or event it serves, whatever thread it gets to; the streamer's are those with a frame of
its code below them; in a process of Lambda's runtime client all are its function's. What tests do themselves is nobody's.
"""

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

FOLDER_VARIABLE = "RECORDED_CALLS_FOLDER"
"""Where each process notes what it saw, in a file of its own."""

_HERE = Path(__file__).parent
_STREAMER = str(Path(__file__).parents[3] / "streamer") + os.sep
_EVENTS = ("dialer", "aftercall", "feeder", "reaper")
# Requests that IAM has no action of their name for.
_S3_ACTIONS = {
    "HeadObject": "GetObject",
    **dict.fromkeys(("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"), "PutObject"),
}
# Threads of the streamer that are handed methods of adapters, with nothing of its own around them.
_STREAMER_THREADS = ("quotas", "bedrock")

_room: ContextVar[str | None] = ContextVar("room", default=None)
_noted: set[str] = set()


def record_children() -> None:
    """Have the Pythons that this process starts note their calls as well."""
    path = [str(_HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)


def start() -> None:
    """Note calls from now on; what is not imported yet is prepared when it is."""
    for name in _PATCHES.keys() & sys.modules.keys():
        _PATCHES[name](sys.modules[name])
    sys.meta_path.insert(0, _Patching())


def _present_room() -> str | None:
    return _room.get() or _process_room() or _streamer()


def _note(room: str, action: str, target: str = "") -> None:
    line = f"{room} {action} {target}".strip()
    if line in _noted:
        return
    _noted.add(line)
    # At once, since some of these processes are killed.
    with Path(os.environ[FOLDER_VARIABLE], str(os.getpid())).open("a") as file:
        file.write(line + "\n")


def _process_room() -> str | None:
    found = re.search(r"functions\.(\w+)\.handler\.handler", " ".join(sys.orig_argv))
    return found[1] if found else None


def _streamer() -> str | None:
    if threading.current_thread().name.startswith(_STREAMER_THREADS):
        return "streamer"
    frame: FrameType | None = sys._getframe(1)
    while frame:
        if frame.f_code.co_filename.startswith(_STREAMER):
            return "streamer"
        frame = frame.f_back
    return None


def _requests(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the parts of a DynamoDB request do, and to what."""
    if operation == "TransactWriteItems":
        for part in parameters["TransactItems"]:
            ((kind, details),) = part.items()
            action = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
            yield action, _row(details)
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for name, rows in parameters["RequestItems"].items():
            for row in rows["Keys"] if operation == "BatchGetItem" else rows:
                yield operation, _row({"TableName": name, "Key": _batched(row)})
    else:
        yield operation, _row(parameters)


def _batched(row: Mapping[str, Any]) -> Any:
    if "DeleteRequest" in row:
        return row["DeleteRequest"]["Key"]
    return row["PutRequest"]["Item"] if "PutRequest" in row else row


def _row(details: Mapping[str, Any]) -> str:
    """Return the table's kind, its index, and what the partition key begins with."""
    table = details["TableName"].rpartition("-")[2]
    index = f"/{details['IndexName']}" if "IndexName" in details else ""
    return f"{table}{index} {_partition_key(details)}".strip()


def _partition_key(details: Mapping[str, Any]) -> str:
    key = details.get("Key") or details.get("Item")
    if key is None and "KeyConditionExpression" in details:
        # PynamoDB names the partition key first.
        placeholder = re.search(r":\w+", details["KeyConditionExpression"])
        value = details["ExpressionAttributeValues"][placeholder[0]] if placeholder else {"S": ""}
    else:
        value = (key or {}).get("pk", {"S": ""})
    return str(value["S"]).partition("#")[0]


def _s3(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "DeleteObjects":
        for each in parameters["Delete"]["Objects"]:
            yield "DeleteObject", _object(each["Key"])
    elif operation == "ListObjectsV2":
        yield "ListBucket", _object(parameters.get("Prefix", ""))
    elif operation == "HeadObject":
        # One right covers both.
        yield "GetObject", _object(parameters["Key"])
    else:
        yield _S3_ACTIONS.get(operation, operation), _object(parameters["Key"])


def _object(key: str) -> str:
    """Return a key with what varies left out: `org/*/run/*`, `clips/*`."""
    parts = key.split("/")
    kept = [parts[0], "*", parts[2], "*"] if parts[0] == "org" and len(parts) > 3 else [parts[0], "*"]
    return f"media {'/'.join(kept)}"


def _calls(service: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    match service:
        case "dynamodb":
            yield from _requests(operation, parameters)
        case "s3":
            yield from _s3(operation, parameters)
        case "sqs":
            yield operation, parameters["QueueUrl"].rpartition("-")[2]
        case "kms":
            yield operation, _context(parameters.get("EncryptionContext", {}))
        case "secretsmanager":
            yield operation, "secret"
        case "bedrock-runtime":
            yield operation.replace("ConverseStream", "InvokeModelWithResponseStream"), ""
        case _:
            yield operation, ""


def _context(context: Mapping[str, str]) -> str:
    return f"key {','.join(sorted(context))}"


def _patch_sdk(module: ModuleType) -> None:
    client = module.BaseClient
    emit = client._emit_api_params

    # Every request passes here, and every link that is signed for others.
    @wraps(emit)
    def noting(self: Any, api_params: Any, operation_model: Any, context: Any) -> Any:
        service = operation_model.service_model.service_name
        if room := _present_room():
            for operation, target in _calls(service, operation_model.name, api_params):
                _note(room, f"{service.removesuffix('-runtime')}:{operation}", target)
        return emit(self, api_params, operation_model, context)

    client._emit_api_params = noting


def _patch_signing(module: ModuleType) -> None:
    signer = module.SigV4QueryAuth
    add_auth = signer.add_auth

    @wraps(add_auth)
    def noting(self: Any, request: Any) -> Any:
        # No client is made of Transcribe: its sockets' addresses are signed by hand.
        if self._service_name == "transcribe" and (room := _present_room()):
            _note(room, "transcribe:StartStreamTranscriptionWebSocket")
        return add_auth(self, request)

    signer.add_auth = noting


def _patch_key_file(module: ModuleType) -> None:
    """Take what stands in for KMS for it."""
    box = module.KeyFileSecretBox

    def noting(method: Callable[..., Any], action: str) -> Callable[..., Any]:
        @wraps(method)
        def call(self: Any, secret: str, context: Mapping[str, str]) -> Any:
            if room := _present_room():
                _note(room, action, _context(context))
            return method(self, secret, context)

        return call

    box.seal, box.open = noting(box.seal, "kms:Encrypt"), noting(box.open, "kms:Decrypt")


def _patch_routes(module: ModuleType) -> None:
    route = module.APIRoute
    handle = route.handle

    @wraps(handle)
    async def entering(self: Any, scope: Any, receive: Any, send: Any) -> None:
        functions, _, rest = self.endpoint.__module__.partition(".")
        token = _room.set(rest.partition(".")[0] if functions == "functions" else None)
        try:
            await handle(self, scope, receive, send)
        finally:
            _room.reset(token)

    route.handle = entering


def _patch_events(module: ModuleType) -> None:
    create = module.create_handler
    room = module.__name__.split(".")[1]

    @wraps(create)
    def creating(services: Any) -> Callable[[Any, Any], Any]:
        handler = create(services)

        @wraps(handler)
        def entering(event: Any, context: Any) -> Any:
            token = _room.set(room)
            try:
                return handler(event, context)
            finally:
                _room.reset(token)

        return entering

    module.create_handler = creating  # type: ignore[attr-defined]


_PATCHES: dict[str, Callable[[ModuleType], None]] = {
    "botocore.client": _patch_sdk,
    "botocore.auth": _patch_signing,
    "fastapi.routing": _patch_routes,
    "local.aws.key_file": _patch_key_file,
    **{f"functions.{name}.app": _patch_events for name in _EVENTS},
}


class _Patching(MetaPathFinder):
    """Prepares modules as they are imported: most processes need few of them, and importing costs."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        patch = _PATCHES.get(name)
        spec = PathFinder.find_spec(name, path, target) if patch else None
        if patch is None or spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            patch(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
