"""Parts of an install that are killed at any moment, and are there again afterwards."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from local.processes.children import Child, child
from offhook.json_types import JsonObject


class Part:
    """A child process. Use as `async with Part(module, …) as part: await part.kill(); await part.start()`.

    `on_ready` is told what each of its processes says of itself, such as its port.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        env: Mapping[str, str],
        on_ready: Callable[[JsonObject], None] = lambda ready: None,
    ) -> None:
        self.name = " ".join((module, *arguments))
        self._command: tuple[str, ...] = (module, *arguments)
        self._env = env
        self._on_ready = on_ready
        self._stack = AsyncExitStack()
        self._child: Child

    @property
    def ready(self) -> JsonObject:
        """What its present process has said of itself."""
        return self._child.ready

    @property
    def is_alive(self) -> bool:
        return self._child.process.returncode is None

    def add_arguments(self, *arguments: str) -> None:
        """Give further ones to the processes to come."""
        self._command += arguments

    async def start(self) -> None:
        module, *arguments = self._command
        self._child = await self._stack.enter_async_context(child(module, *arguments, env=self._env))
        self._on_ready(self._child.ready)

    async def kill(self) -> None:
        """End it as a machine ends that loses its power; it must have been alive."""
        assert self._child.process.returncode is None, f"{self.name} had ended by itself"
        self._child.process.kill()
        await self._child.process.wait()
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


async def started(stack: AsyncExitStack, *parts: Part) -> None:
    """Start all at the same time; `stack` stops them."""
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part.start())
    for part in parts:
        stack.push_async_exit(part)
