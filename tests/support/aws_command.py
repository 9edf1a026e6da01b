"""AWS's command line as far as the documents use it, on the SDK of this process, which a program `aws` asks.

What `AWS_COMMAND_CHECKS_ONLY` names (services, or `service:operation`) is not asked: what would be sent is held against
the SDK's models alone. An unknown service, operation or option, or a value that does not fit, is an error.
"""

import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread
from typing import Any

import boto3
import jmespath
from botocore import xform_name
from botocore.session import get_session
from botocore.validate import ParamValidator

CHECKS_ONLY = "AWS_COMMAND_CHECKS_ONLY"
# What the command line adds to the SDK's operations: https://docs.aws.amazon.com/cli/latest/reference/.
_OWN = {
    ("s3", "sync"): (2, ()),
    ("s3", "rm"): (1, ("recursive",)),
    ("logs", "tail"): (1, ("since", "follow")),
}


# A process of its own for each command would import the SDK each time.
_PROGRAM = """#!{python} -IS
import json, socket, sys
asked = socket.create_connection({address!r})
asked.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
told = json.load(asked.makefile())
sys.stdout.write(told["out"])
sys.exit(told["error"])
"""


@contextmanager
def aws_command(path: Path) -> Iterator[None]:
    """Let there be a program at this path, with the environment of this process, for the time of the block."""
    with TCPServer(("127.0.0.1", 0), _Asked) as server:
        path.write_text(_PROGRAM.format(python=sys.executable, address=server.server_address))
        path.chmod(0o755)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _Asked(StreamRequestHandler):
    """Carries one command out."""

    def handle(self) -> None:
        try:
            told = {"out": carry_out(json.loads(self.rfile.readline())), "error": None}
        except Exception:  # noqa: BLE001 - as a program does it
            told = {"out": "", "error": traceback.format_exc()}
        self.wfile.write(json.dumps(told).encode())


def carry_out(arguments: Sequence[str]) -> str:
    """Carry one command out, or check it; return what `--query` finds, as it is printed."""
    service, operation, *rest = arguments
    service = "s3" if service == "s3api" else service
    words, options = _split(rest)
    query, output = options.pop("query", None), options.pop("output", "json")
    assert output in ("json", "text", "table"), output
    if arguments[0] != "s3api" and (own := _OWN.get((service, operation))) is not None:
        count, known = own
        assert (len(words), options.keys() <= set(known)) == (count, True), arguments
        return ""
    if operation == "wait":
        (waiter,) = words
        _wait(service, waiter, options)
        return ""
    assert words == [], words
    reply = _call(service, operation, options)
    found = jmespath.search(query, reply) if query else reply
    if output == "text":
        return "\t".join(_texts(found)) + "\n"
    return "" if found is None else json.dumps(found, default=str) + "\n"


def _split(rest: Sequence[str]) -> tuple[list[str], dict[str, str | None]]:
    words: list[str] = []
    options: dict[str, Any] = {}
    name = None
    for word in rest:
        if word.startswith("--"):
            name = word[2:]
            options[name] = None
        elif name is not None:
            options[name] = word if options[name] is None else f"{options[name]} {word}"
        else:
            words.append(word)
    return words, options


def _call(service: str, operation: str, options: dict[str, str | None]) -> Any:
    model = get_session().get_service_model(service)
    (name,) = [each for each in model.operation_names if xform_name(each, "-") == operation]
    shape: Any = model.operation_model(name).input_shape
    parameters = dict(_parameters(shape, options))
    report = ParamValidator().validate(parameters, shape)
    assert not report.has_errors(), report.generate_report()
    if {service, f"{service}:{operation}"} & set(os.environ.get(CHECKS_ONLY, "").split()):
        return {}
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    method = xform_name(name)
    if client.can_paginate(method):
        return client.get_paginator(method).paginate(**parameters).build_full_result()
    return getattr(client, method)(**parameters)


def _wait(service: str, waiter: str, options: dict[str, str | None]) -> None:
    names = get_session().get_waiter_model(service).waiter_names
    (name,) = [each for each in names if xform_name(each, "-") == waiter]
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    parameters = {_member(option): value for option, value in options.items()}
    client.get_waiter(xform_name(name)).wait(**parameters)


def _member(option: str) -> str:
    return "".join(part.title() for part in option.split("-"))


def _parameters(shape: Any, options: dict[str, str | None]) -> Iterator[tuple[str, Any]]:
    members = {xform_name(name, "-"): (name, member) for name, member in shape.members.items()}
    for option, text in options.items():
        is_off = option.removeprefix("no-") in members and option.startswith("no-")
        assert is_off or option in members, f"--{option} is unknown"
        name, member = members[option.removeprefix("no-") if is_off else option]
        yield name, not is_off if text is None else _value(member, text)


def _value(shape: Any, text: str) -> Any:
    """Read a value as the command line does: numbers, lists by spaces, and `Key=value,…` for structures."""
    kind = shape.type_name
    if kind in ("integer", "long"):
        return int(text)
    if kind in ("double", "float"):
        return float(text)
    if kind == "boolean":
        return {"true": True, "false": False}[text.lower()]
    if kind == "list":
        return [_value(shape.member, each) for each in text.split()]
    if kind == "structure":
        pairs = dict(pair.split("=", 1) for pair in text.split(","))
        return {name: _value(shape.members[name], each) for name, each in pairs.items()}
    return text


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, list):
        for each in found:
            yield from _texts(each)
    else:
        yield "None" if found is None else str(found)
