"""The offline speech server: recognition and synthesis for everything on this machine, in one process.

A process of its own, because the recogniser holds the GIL while it works and because espeak-ng is under the GPL.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from local.processes.parent import live_with_parent
from local.speech.listener import DecoderPool
from local.speech.recognise import serve_recognition
from local.speech.synthesise import Mouth, serve_synthesis
from offhook.errors import OffhookError

_NOT_FOUND = 4404
_REFUSED = 1008
# A list of 1,000 phrases of 400 characters, each character an escaped surrogate pair at worst.
_LARGEST_MESSAGE_BYTES = 5 * 1024 * 1024


async def run(port: int) -> None:
    """Serve until SIGTERM or until stdin closes; announce the addresses as one line of JSON on stdout."""
    live_with_parent()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if sys.stdin.isatty():
        loop.add_signal_handler(signal.SIGINT, stop.set)
    async with speech_server(port) as url:
        addresses = {"recognise_url": f"{url}/recognise", "synthesise_url": f"{url}/synthesise"}
        print(json.dumps(addresses), flush=True)
        await stop.wait()


@asynccontextmanager
async def speech_server(port: int) -> AsyncIterator[str]:
    """Serve on loopback inside the block, on any free port for 0; yields the address."""
    pool, mouth = DecoderPool(), Mouth()

    async def handle(socket: ServerConnection) -> None:
        try:
            await _route(socket, pool, mouth)
        except ConnectionClosed:
            pass
        except OffhookError as error:
            await _refuse(socket, error)

    try:
        async with serve(
            handle, "127.0.0.1", port, compression=None, max_size=_LARGEST_MESSAGE_BYTES, ping_interval=None
        ) as server:
            yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        mouth.close()


async def _route(socket: ServerConnection, pool: DecoderPool, mouth: Mouth) -> None:
    path = socket.request.path if socket.request is not None else ""
    if path == "/recognise":
        await serve_recognition(socket, pool)
    elif path == "/synthesise":
        await serve_synthesis(socket, mouth)
    else:
        await socket.close(_NOT_FOUND, "The paths are /recognise and /synthesise.")


async def _refuse(socket: ServerConnection, error: OffhookError) -> None:
    try:
        await socket.send(json.dumps({"type": "error", "message": str(error)}))
        await socket.close(_REFUSED, "refused")
    except ConnectionClosed:
        return
