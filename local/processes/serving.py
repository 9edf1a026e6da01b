"""Serves an ASGI application inside a process that has other things to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from local.processes.ports import take_port

GRACE_SECONDS = 3


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[int]:
    """Serve on a free port of loopback for the time of the block; yield the port."""
    config = _config(app)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with take_port() as listener:
        # The two halves of its `serve`, without what is between them: a task that only waits for signals.
        await server.startup([listener])
        try:
            yield listener.getsockname()[1]
        finally:
            await server.shutdown([listener])


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # Our own logs say what a person needs; an access log would hold tokens.
        log_config=None,
        # Its warnings are advice to who installs it, such as about upgrade requests, which are not ours to serve.
        log_level="error",
        access_log=False,
        lifespan="off",
        # It would be written by that task.
        date_header=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
