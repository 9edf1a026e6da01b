"""Child processes that say one JSON line when they are ready, and end when we do."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from offhook.errors import OffhookError
from offhook.json_types import JsonObject

_READY_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A running child: what its first line said, and its process."""

    module: str
    ready: JsonObject
    process: asyncio.subprocess.Process
    stop_limit_s: float

    async def stop(self) -> None:
        """Stop it now; harmless when it has ended."""
        await _stop(self.process, self.stop_limit_s)

    async def ended(self) -> str:
        """Wait for its end, which nobody has asked for; return a sentence about it."""
        status = await self.process.wait()
        return f"{self.module} ended by itself with status {status}; what it printed above may say why."


@asynccontextmanager
async def child(
    module: str, *arguments: str, env: Mapping[str, str | None] | None = None, stop_limit_s: float = 10.0
) -> AsyncIterator[Child]:
    """Run `python -m module` and yield it once it is ready; stop it at the end.

    `env` is set beside what is set here; None takes a variable away. Its stdin is a pipe of ours, so that it notices when we are gone without a goodbye. Its stderr is ours.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={name: value for name, value in {**os.environ, **(env or {})}.items() if value is not None},
        # Ctrl-C reaches the whole group of the terminal; we alone decide in which order the children stop.
        start_new_session=True,
    )
    try:
        ready = await _ready_line(module, process)
        # Not of a group, which only the task that has entered it may leave: several children start at once.
        passing_on = asyncio.create_task(_pass_on(process))
        try:
            yield Child(module=module, ready=ready, process=process, stop_limit_s=stop_limit_s)
        finally:
            await _stop(process, stop_limit_s)
            passing_on.cancel()
    finally:
        await _stop(process, stop_limit_s)


async def start_together(stack: AsyncExitStack, *commands: Sequence[str]) -> list[Child]:
    """Start several children at the same time, each command a module and its arguments; `stack` stops them.

    Raises OffhookError, the first one's, when any does not get ready.
    """
    contexts = [child(*command) for command in commands]
    # Each takes a second or more of its own; the stack alone would start one after the other.
    ready = await asyncio.gather(*(context.__aenter__() for context in contexts), return_exceptions=True)
    for context, result in zip(contexts, ready, strict=True):
        if not isinstance(result, BaseException):
            stack.push_async_exit(context)
    for result in ready:
        if isinstance(result, BaseException):
            raise result
    return [result for result in ready if isinstance(result, Child)]


async def _ready_line(module: str, process: asyncio.subprocess.Process) -> JsonObject:
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        async with asyncio.timeout(_READY_LIMIT_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise OffhookError(f"{module} did not start within {_READY_LIMIT_S:.0f} seconds.") from None
    if not line:
        raise OffhookError(f"{module} ended before it was ready; what it printed above says why.")
    ready: JsonObject = json.loads(line)
    return ready


async def _pass_on(process: asyncio.subprocess.Process) -> None:
    """Print to our stderr what else a child prints: a pipe that nobody reads would stop it when it is full."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    while said := await process.stdout.read(65_536):
        sys.stderr.write(said.decode(errors="replace"))
        sys.stderr.flush()


async def _stop(process: asyncio.subprocess.Process, limit_s: float) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(limit_s):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
