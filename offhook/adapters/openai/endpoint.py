"""An endpoint that speaks OpenAI's chat completions, and its models."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import Any

import httpx

from offhook.adapters.openai.chunks import Chunks
from offhook.adapters.openai.messages import conversation
from offhook.adapters.openai.refusals import SERVICE, failure_in
from offhook.adapters.openai.sse import EventLines
from offhook.json_types import json_object
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.requests import ModelEvent, ModelRequest

_CONNECT_S = 1.0
_READ_S = 4.0
_UNHEARD_READ_S = 30.0
_KEPT_S = 60.0
_BODY_END_S = 0.05
_MOST_REFUSAL_BYTES = 64_000

# Reasoning is off: as OpenAI and Ollama are told, and as vLLM and SGLang tell the chat templates of open models.
_EXTRAS: Mapping[str, Any] = {
    "reasoning_effort": "none",
    "chat_template_kwargs": {"enable_thinking": False},
    "stream_options": {"include_usage": True},
}
# What newer models of OpenAI want in the place of another field.
_INSTEAD = {"max_tokens": "max_completion_tokens"}
_OPTIONAL = (*_EXTRAS, "temperature", "tool_choice", *_INSTEAD)


class Endpoint:
    """Where the models are; connections are kept by the event loop that asks, all but those of unheard replies."""

    def __init__(self, url: str, *, api_key: str = "", connections: int = 64) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._headers = {"accept-encoding": "identity", "content-type": "application/json"}
        if api_key:
            self._headers["authorization"] = f"Bearer {api_key}"
        self._connections = connections
        self._kept: tuple[asyncio.AbstractEventLoop, httpx.AsyncClient] | None = None
        self.refused: dict[str, frozenset[str]] = {}
        """Fields that each model was found to refuse."""

    @asynccontextmanager
    async def post(self, body: bytes, *, is_unheard: bool) -> AsyncIterator[httpx.Response]:
        """Send a request and yield its response, of which the body is still to be read; raise what httpx raises."""
        if is_unheard:
            async with self._new_client(_UNHEARD_READ_S) as client, self._stream(client, body) as response:
                yield response
        else:
            async with self._stream(self._client(), body) as response:
                yield response

    def warm(self) -> None:
        """Read the machine's authorities."""
        _ = self._tls

    async def close(self) -> None:
        """Close the connections that were kept."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept[1].aclose()

    def _stream(self, client: httpx.AsyncClient, body: bytes) -> Any:
        return client.stream("POST", self._url, content=body, headers=self._headers)

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._kept is None or self._kept[0] is not loop:
            self._kept = loop, self._new_client(_READ_S)
        return self._kept[1]

    def _new_client(self, read_timeout_s: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(read_timeout_s, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=self._connections, keepalive_expiry=_KEPT_S),
            verify=self._tls,
        )

    @cached_property
    def _tls(self) -> Any:
        # To read the machine's authorities takes 20 ms of the event loop, so once.
        return httpx.create_ssl_context() if self._url.startswith("https://") else False


class ChatModel:
    """Implements LanguageModel by one model of an endpoint."""

    def __init__(self, endpoint: Endpoint, model: str, *, temperature: float | None = None) -> None:
        self._endpoint = endpoint
        self._model = model
        self._temperature = temperature

    async def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """See the port."""
        while True:
            without = self._endpoint.refused.get(self._model, frozenset())
            body = json.dumps(self._asked(request, without)).encode()
            try:
                async with self._endpoint.post(body, is_unheard=bool(request.must_call)) as response:
                    if response.status_code == httpx.codes.OK:
                        async for event in _events(response):
                            yield event
                        return
                    refusal = await _read(response)
            except httpx.TimeoutException as error:
                raise ModelError(ModelFailure.STALLED, service=SERVICE) from error
            except httpx.HTTPError as error:
                raise ModelError(ModelFailure.LOST, service=SERVICE, reason=type(error).__name__) from error
            refused = _refused_fields(response.status_code, refusal, without)
            if not refused:
                raise failure_in(json_object(refusal) or {}, status=response.status_code)
            self._endpoint.refused[self._model] = without | refused

    def _asked(self, request: ModelRequest, without: frozenset[str]) -> dict[str, Any]:
        asked: dict[str, Any] = {"model": self._model, "stream": True, "max_tokens": request.max_tokens}
        asked |= _EXTRAS
        if self._temperature is not None:
            asked["temperature"] = self._temperature
        if request.must_call:
            asked["tool_choice"] = {"type": "function", "function": {"name": request.must_call}}
        asked |= {_INSTEAD[field]: asked[field] for field in without & _INSTEAD.keys()}
        return {field: asked[field] for field in asked if field not in without} | conversation(request)


async def _events(response: httpx.Response) -> AsyncIterator[ModelEvent]:
    lines, chunks, body = EventLines(), Chunks(), response.aiter_raw()
    async for data in body:
        for chunk in lines.feed(data):
            for event in chunks.take(chunk):
                yield event
        if lines.is_done:
            break
    if not (lines.is_done or chunks.has_ended):
        raise ModelError(ModelFailure.LOST, service=SERVICE, reason="no end")
    for event in chunks.end():
        yield event
    # A body that is read to its end leaves its connection to the next reply.
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_BODY_END_S):
            async for _ in body:
                pass


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for data in response.aiter_raw():
        body += data
        if len(body) > _MOST_REFUSAL_BYTES:
            break
    return body


def _refused_fields(status: int, refusal: bytes, without: frozenset[str]) -> frozenset[str]:
    """Return the fields that a refusal names of those that an endpoint can be asked without."""
    if status not in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY):
        return frozenset()
    named = refusal.decode("utf-8", "replace")
    return frozenset(field for field in _OPTIONAL if field in named) - without
