"""Scripted models: `python -m local.models.server` as a process, `model_services` within one.

One address has both protocols, and control routes for a test in another process.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from typing import TypeAlias
from urllib.parse import unquote

from pydantic import TypeAdapter

from local.aws.speech.http1 import BrokenOffError, Connection
from local.aws.speech.refusals import RefusalError
from local.aws.speech.signatures import Account, HttpRequest, check_request
from local.models import chat_completions, chat_request, converse, converse_request
from local.models.asked import Asked
from local.models.script import Fault, Kind, Moment, Reply, Rule, Script
from local.models.steps import steps_of
from local.processes.parent import live_with_parent
from offhook.json_types import JsonObject

_CONTROL = "/_control/"
_RULES = TypeAdapter(list[Rule])
_CONVERSE = ("/model/", "/converse-stream")

Refused = Callable[[RefusalError], tuple[JsonObject, dict[str, str]]]
Writer: TypeAlias = converse.ConverseStream | chat_completions.ChatCompletion


@asynccontextmanager
async def model_services(script: Script, *, account: Account | None = None) -> AsyncIterator[str]:
    """Serve on a free port of loopback inside the block; yield the address.

    It is Bedrock's, and with `/v1` that of chat completions.
    """
    front = _Front(script, account or Account())
    async with await asyncio.start_server(front.accept, "127.0.0.1", 0) as server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            await front.close()


class _Front:
    """Serves connections."""

    def __init__(self, script: Script, account: Account) -> None:
        self._connections: set[asyncio.Task[None]] = set()
        self._script = script
        self._account = account
        self._ids = map("{:09d}".format, count(1))

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the peer or a fault ends it."""
        self._script.connections += 1
        connection = Connection(reader, writer)
        serving = connection.serve(lambda request: self._answer(connection, request))
        task = asyncio.get_running_loop().create_task(serving)
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def close(self) -> None:
        """End all connections, which a server that closes leaves open."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _answer(self, connection: Connection, request: HttpRequest) -> None:
        path = request.path
        if path.startswith(_CONTROL):
            await connection.answer(200, self._control(path.removeprefix(_CONTROL), request.body))
        elif path.startswith(_CONVERSE[0]) and path.endswith(_CONVERSE[1]):
            await self._refusing(connection, self._converse(connection, request), converse.refused)
        else:
            await self._refusing(connection, self._chat(connection, request), chat_completions.refused)

    async def _refusing(self, connection: Connection, work: Awaitable[None], refused: Refused) -> None:
        try:
            await work
        except RefusalError as error:
            content, headers = refused(error)
            await connection.answer(error.status, content, headers)

    async def _converse(self, connection: Connection, request: HttpRequest) -> None:
        check_request(request, self._account, service="bedrock", now=datetime.now(UTC))
        model = unquote(request.path.removeprefix(_CONVERSE[0]).removesuffix(_CONVERSE[1]))
        await self._reply(
            connection, converse_request.read(model, request.body), converse.ConverseStream(model)
        )

    async def _chat(self, connection: Connection, request: HttpRequest) -> None:
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            raise RefusalError("not_found", f"Unknown request URL: {request.path}.", status=404)
        asked = chat_request.read(request.body)
        await self._reply(connection, asked, chat_completions.ChatCompletion(asked.model))

    async def _reply(self, connection: Connection, asked: Asked, writer: Writer) -> None:
        reply = self._script.reply(asked)
        self._script.live += 1
        try:
            await self._send(connection, reply, writer)
        finally:
            self._script.live -= 1

    async def _send(self, connection: Connection, reply: Reply, writer: Writer) -> None:
        # Bedrock's headers come with the first event, so that a reply which is waited for can't be told from a dead one.
        await asyncio.sleep(reply.first_ms / 1000)
        if reply.fault is not None and reply.fault.moment is Moment.BEFORE_HEADERS:
            if reply.fault.kind in writer.refusals:
                raise writer.refusals[reply.fault.kind]
            if reply.fault.kind is not Kind.DRIP:
                await _break_off(connection, reply.fault.kind)
        headers = {"content-type": writer.content_type, "transfer-encoding": "chunked"}
        await connection.begin(200, headers)
        dripping = reply.fault if reply.fault and reply.fault.moment is Moment.BEFORE_HEADERS else None
        for after_ms, step in steps_of(reply, call_ids=self._ids):
            await asyncio.sleep(after_ms / 1000)
            if isinstance(step, Fault):
                await _befall(connection, step, writer)
                dripping = step
                continue
            for data in writer.write(step):
                await _send(connection, data, dripping)
        await connection.end()

    def _control(self, path: str, body: bytes) -> JsonObject:
        match path:
            case "rules":
                rules = _RULES.validate_json(body)
                self._script.add(*rules)
                return {"added": len(rules)}
            case "asked":
                return {"asked": [asdict(asked) for asked in self._script.asked]}
        return {"error": "The routes are rules and asked."}


async def _befall(connection: Connection, fault: Fault, writer: Writer) -> None:
    """Let it happen in a stream that has begun; a drip is all that there is an after to."""
    if fault.kind is Kind.DRIP:
        return
    if fault.kind is Kind.GARBAGE:
        await connection.send(writer.garbage())
    elif fault.kind in writer.refusals:
        await connection.send(writer.exception(writer.refusals[fault.kind]))
    elif fault.kind is not Kind.END:
        await _break_off(connection, fault.kind)
    await connection.end()
    raise BrokenOffError


async def _break_off(connection: Connection, kind: Kind) -> None:
    if kind is Kind.STALL:
        await connection.wait_closed()
    elif kind is Kind.CUT:
        connection.reset()
    raise BrokenOffError


async def _send(connection: Connection, data: bytes, dripping: Fault | None) -> None:
    if dripping is None:
        await connection.send(data)
        return
    for n in range(len(data)):
        await asyncio.sleep(dripping.drip_ms / 1000)
        await connection.send(data[n : n + 1])


async def _run(rules: list[Rule]) -> None:
    """Serve until SIGTERM or until stdin closes; say where as one line of JSON on stdout."""
    async with model_services(Script(*rules), account=Account.of_environment()) as url:
        print(json.dumps({"bedrock_url": url, "llm_url": f"{url}/v1"}), flush=True)
        await asyncio.get_running_loop().create_future()


def main() -> None:
    """Serve models that follow a script."""
    parser = argparse.ArgumentParser(prog="local.models.server", description=main.__doc__)
    parser.add_argument("--rules", type=argparse.FileType("rb"), help="file of rules, a JSON list")
    arguments = parser.parse_args()
    live_with_parent()
    asyncio.run(_run(_RULES.validate_json(arguments.rules.read()) if arguments.rules else []))


if __name__ == "__main__":
    main()
