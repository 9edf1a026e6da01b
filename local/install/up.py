"""Everything at once on one machine: starts the parts in the order in which they need each other, and stops them."""

import asyncio
import errno
import importlib
import json
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.cold_start import cold_start
from local.install.models import ModelMode
from local.install.speech import OwnAws, SpeechMode
from local.install.state import LocalState
from local.processes.children import start_together
from local.processes.ports import take_port
from offhook.errors import ConflictError, NotConfiguredError, OffhookError

if TYPE_CHECKING:
    from local.install.install import Install

Show = Callable[["Install"], Coroutine[Any, Any, None]]


async def up(
    *,
    port: int,
    data: Path | None,
    as_json: bool,
    speech: SpeechMode = SpeechMode.OFFLINE,
    models: ModelMode | None = None,
    show: Show | None = None,
) -> int:
    """Start everything, show it off if wished, and serve until SIGINT or SIGTERM.

    Returns the exit status: 0 when it was told to stop, 1 when a part could not start or ended by itself.
    """
    stop = _stop_event()
    out = sys.stderr if as_json else sys.stdout
    try:
        await asyncio.to_thread(_check_folder)
        async with AsyncExitStack() as stack:
            listener = stack.enter_context(_front_door(port))
            _make(data)
            own_aws = await asyncio.to_thread(OwnAws.find) if speech is SpeechMode.AWS else None
            folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="offhook-")))
            print("Starting Offhook ...", file=out, flush=True)
            kept = ("--data", str(folder / "aws")) if data else ()
            # Importing the rest takes as long as the children take to start: both at once.
            (aws, offline), module = await asyncio.gather(
                start_together(stack, ("local.aws.server", *kept), ("local.speech",)),
                asyncio.to_thread(_import_install),
            )
            install = await module.start_install(
                stack,
                aws=aws,
                offline=offline,
                listener=listener,
                folder=folder,
                mode=speech,
                own_aws=own_aws,
                models_mode=models,
            )
            _announce(install, as_json=as_json)
            return await _serve(install, stop, show)
    except OffhookError as error:
        print(error.detail, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Offhook could not start: {error.strerror or type(error).__name__}.", file=sys.stderr)
        return 1


def is_served(state: LocalState) -> bool:
    """Say whether the install that has left this state still answers; another one at its address knows no such key."""
    # Needed only where one may run, and the children must not wait for its import.
    import httpx

    url = f"{state.base_url}/api/v1/runs?limit=1"
    try:
        reply = httpx.get(url, headers={"X-API-Key": state.api_key}, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return reply.status_code == httpx.codes.OK


def _check_folder() -> None:
    """Refuse a second install where one runs."""
    state = LocalState.read()
    if state and is_served(state):
        raise ConflictError(
            f"An Offhook already runs in this folder, at {state.base_url}: stop that, or start this one in another folder."
        )


def _front_door(port: int) -> socket.socket:
    """Take the port before the parts start: one that is taken is found at once, and nobody else gets it meanwhile."""
    try:
        return take_port(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise ConflictError(
            f"Port {port} is taken, perhaps by an Offhook that already runs: stop that, or add --port 0 for a free one."
        ) from error


def _make(data: Path | None) -> None:
    """Make the folder that keeps the data, if one does."""
    try:
        if data:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotConfiguredError(
            f"The folder {data} can't be made ({reason}): choose another with --data."
        ) from error


def _import_install() -> Any:
    """Import the rest as the functions on AWS do theirs: in two thirds of the time, and out of the collector's way."""
    with cold_start():
        return importlib.import_module("local.install.install")


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _announce(install: "Install", *, as_json: bool) -> None:
    seed = install.seed
    state = LocalState(
        base_url=install.base_url,
        api_key=seed.api_key,
        agent_uuid=seed.agent_uuid,
        trigger_path=seed.trigger_path,
        cloudonix_domain=install.cloudonix_domain,
        cloudonix_token=install.cloudonix_token,
        carrier_url=install.carrier_url,
    )
    state.write()
    if as_json:
        line = {
            "base_url": install.base_url,
            "call_url": f"{install.base_url}/call",
            "ws_url": install.ws_url,
            "api_key": seed.api_key,
            "organization_id": seed.organization_id,
            "agent_uuid": seed.agent_uuid,
            "trigger_path": seed.trigger_path,
            "carrier_url": install.carrier_url,
            "aws_endpoint_url": install.aws_url,
        }
        print(json.dumps(line), flush=True)
        return
    print(f"Ready at {install.base_url} (API documents at {install.base_url}/docs).", flush=True)
    print(
        f"The console: {install.base_url}/ (`offhook open` signs you in). Talk to an agent: /call.",
        flush=True,
    )


async def _serve(install: "Install", stop: asyncio.Event, show: Show | None) -> int:
    """Serve until told to stop, or until a part ends; what shows it off runs beside."""
    async with asyncio.TaskGroup() as tasks:
        stopped = tasks.create_task(stop.wait())
        ends = [tasks.create_task(part.ended()) for part in install.children]
        shows = [tasks.create_task(_show(install, show))] if show else []
        await asyncio.wait([stopped, *ends], return_when=asyncio.FIRST_COMPLETED)
        broken = [end.result() for end in ends if end.done()]
        for task in (stopped, *ends, *shows):
            task.cancel()
    print("Stopping ...", file=sys.stderr, flush=True)
    return _tell(broken)


async def _show(install: "Install", show: Show) -> None:
    await show(install)
    print("Serving until Ctrl-C.", flush=True)


def _tell(broken: Sequence[str]) -> int:
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0
