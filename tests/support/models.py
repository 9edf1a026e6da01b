"""Scripted models for tests: the servers of `local.models`, and what the SDK and an HTTP client make of their replies."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from botocore.config import Config
from botocore.session import Session

from local.aws.speech.signatures import Account
from local.models.script import Rule, Script
from local.models.server import model_services

BEDROCK_MODEL, CHAT_MODEL = "scripted.model-v1:0", "scripted"
"""As a model id of Bedrock's may have it, a colon is in the first."""


@dataclass(frozen=True, slots=True)
class ModelTown:
    """Running servers."""

    script: Script
    url: str

    @property
    def llm_url(self) -> str:
        return f"{self.url}/v1"

    async def idle(self) -> None:
        """Wait until no reply is under way."""
        while self.script.live:  # noqa: ASYNC110 - the servers tell nobody
            await asyncio.sleep(0.01)

    def converse(self, *, secret: str = "local", read_timeout_s: float = 1.0, **request: Any) -> list[Any]:
        """Return all events of a reply, as botocore reads them; it blocks."""
        client: Any = _session(secret).create_client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=self.url,
            config=Config(read_timeout=read_timeout_s, retries={"total_max_attempts": 1}),
        )
        with (
            closing(client),
            closing(client.converse_stream(modelId=BEDROCK_MODEL, **request)["stream"]) as stream,
        ):
            return list(stream)

    async def chat(self, *, read_timeout_s: float = 1.0, **request: Any) -> list[Any]:
        """Return all events of a reply, DONE being the last one of a whole one; raise httpx.HTTPError."""
        body = {"model": CHAT_MODEL, "stream": True} | request
        async with (
            httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(5, read=read_timeout_s)) as client,
            client.stream("POST", f"{self.llm_url}/chat/completions", json=body) as reply,
        ):
            if reply.is_error:
                await reply.aread()
                reply.raise_for_status()
            lines = [line.removeprefix("data: ") async for line in reply.aiter_lines() if line]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]


@asynccontextmanager
async def model_town(*rules: Rule, account: Account | None = None) -> AsyncIterator[ModelTown]:
    script = Script(*rules)
    async with model_services(script, account=account) as url:
        yield ModelTown(script, url)


@cache
def _session(secret: str) -> Session:
    # Kept, for it reads the SDK's models, which takes a quarter of a second.
    session = Session()
    session.set_credentials("local", secret)
    return session
