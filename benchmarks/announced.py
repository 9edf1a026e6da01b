"""A streamer with stub calls and, at /announced, the Agent Stream of a real agent: what strangers name there is looked up.

`python -m benchmarks.announced` prints `{"port": N}` as the streamer does. The database is a child, on whatever core is
free; the carrier answers that it has no such call.
"""

import asyncio
import json
import os
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import uvloop

from local.aws.environment import use_aws_at
from local.install.ports import LocalPorts
from local.install.seed import plant
from local.processes.children import child
from offhook.adapters.dynamodb.tables import create_tables
from offhook.agents.engines import EMBEDDED
from offhook.settings import Settings
from streamer.conductor.playout import Pacer
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server
from streamer.stub import StubCalls
from streamer.wiring import make_calls

_NICER = 19
_NOBODY = "ws://127.0.0.1:9"
"""No call that this is asked for ever speaks."""


class _NoSuchCall(BaseHTTPRequestHandler):
    """Has no call, whatever its name."""

    def do_GET(self) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _carrier() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoSuchCall) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@asynccontextmanager
async def _aws() -> AsyncIterator[None]:
    """Have an AWS beside the streamer's core, as if it were elsewhere."""
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
    if ours:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    async with child("local.aws.server", "--port", "0") as aws:
        if ours:
            os.sched_setaffinity(0, ours)
        os.setpriority(os.PRIO_PROCESS, aws.process.pid, _NICER)
        use_aws_at(str(aws.ready["url"]))
        yield


async def _run() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        carrier_url = stack.enter_context(_carrier())
        await stack.enter_async_context(_aws())
        settings = Settings(
            install_secret="a-secret-of-the-benchmark-of-32-characters",
            public_base_url="https://offhook.test",
            cloudonix_url=carrier_url,
            recognisers=EMBEDDED,
            synthesisers=EMBEDDED,
            recogniser_url=_NOBODY,
            synthesiser_url=_NOBODY,
        )
        ports = LocalPorts(settings, key_file=folder / "key")
        stack.callback(ports.close)
        create_tables(boto3.client("dynamodb"), settings)
        seed = plant(ports, "XI-of-the-benchmark", folder)
        pacer = Pacer(asyncio.get_running_loop())
        calls = await make_calls(ports, pacer)

        async def announced(socket: MediaSocket, _: dict[str, str]) -> None:
            await calls.agent_streams.serve(socket, {"agent_uuid": seed.agent_uuid})

        routes = (Route("/announced", announced), *StubCalls(pacer).routes)
        server = await stack.enter_async_context(
            Server(routes, max_calls=int(os.environ["OFFHOOK_MAX_CALLS"]))
        )
        print(json.dumps({"port": server.port}), flush=True)
        await stop.wait()
        await server.drain(0)


if __name__ == "__main__":
    uvloop.run(_run())
