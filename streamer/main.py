"""The streamer's entrypoint: reads the environment, chooses the adapters, serves calls until it is told to stop."""

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import uvloop

from offhook.errors import OffhookError
from offhook.ports import Ports
from offhook.settings import Settings
from streamer.conductor.playout import Pacer
from streamer.drain import drain
from streamer.figures import publish
from streamer.live_calls import LiveCalls
from streamer.logs import log_to_stderr
from streamer.sockets.server import Route, Server
from streamer.whereabouts import METADATA_VARIABLE, whereabouts

PortsMaker = Callable[[Settings], Ports]


def aws_ports(settings: Settings) -> Ports:
    """Return the ports on AWS, which whoever takes stub calls does without."""
    from offhook.aws import AwsPorts

    return AwsPorts(settings)


def main(arguments: Sequence[str] | None = None, *, make_ports: PortsMaker = aws_ports) -> int:
    """Run the streamer until SIGTERM or SIGINT; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        _name_region()
        settings = Settings.from_env(os.environ)
        log_to_stderr(settings.log_level)
        is_stub = options.stub_services
        uvloop.run(_run_stubs(settings, options) if is_stub else _run_calls(settings, options, make_ports))
    except OffhookError as error:
        print(error.detail, file=sys.stderr)  # noqa: T201 - the operator reads this
        return 1
    return 0


def _name_region() -> None:
    # The containers of AWS know AWS_REGION; the SDK reads the other one alone.
    if region := os.environ.get("AWS_REGION"):
        os.environ.setdefault("AWS_DEFAULT_REGION", region)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m streamer", description="Serves the media sockets of phone calls."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8080, help="port to listen on, 0 for a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--stub-services",
        action="store_true",
        help="answer any media socket with stub engines and no database, for load tests",
    )
    return parser


async def _run_stubs(settings: Settings, options: argparse.Namespace) -> None:
    from streamer.stub import StubCalls

    calls = StubCalls(Pacer(asyncio.get_running_loop()))
    await _serve(settings, options, calls.routes)


async def _run_calls(settings: Settings, options: argparse.Namespace, make_ports: PortsMaker) -> None:
    from streamer.wiring import make_calls

    calls = await make_calls(make_ports(settings), Pacer(asyncio.get_running_loop()))
    await _serve(
        settings,
        options,
        calls.routes,
        calls.live_calls,
        beside=calls.run_beside,
        is_measured=settings.infrastructure == "aws",
    )
    # Else the process would work off what waits in its pools before it ends.
    calls.services.close()


async def _serve(
    settings: Settings,
    options: argparse.Namespace,
    routes: Sequence[Route],
    calls: LiveCalls | None = None,
    *,
    beside: Callable[[str], Coroutine[Any, Any, None]] | None = None,
    is_measured: bool = False,
) -> None:
    # What is imported and made by now stays: no call shall wait while the collector looks through it.
    gc.freeze()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Server(
        routes,
        host=options.host,
        port=options.port,
        max_calls=settings.max_calls,
        trusted_proxies=settings.trusted_proxies,
    ) as server:
        address = await whereabouts(options.host, server.port, metadata_url=os.environ.get(METADATA_VARIABLE))
        # Whoever started us learns the port from the first line, once it can be connected to.
        print(json.dumps({"port": server.port}), flush=True)  # noqa: T201
        # Calls that drain still take slots, and commands: what goes on beside them is cancelled by the loop's end.
        lasting = [asyncio.create_task(beside(address))] if beside is not None else []
        if is_measured:
            figures = publish(lambda: server.calls, settings.max_calls, namespace=settings.metrics_namespace)
            lasting.append(asyncio.create_task(figures))
        await stop.wait()
        await drain(server, calls, settings.drain_seconds)
