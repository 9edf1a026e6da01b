"""Language models of Bedrock, a thread for each reply."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import Executor
from contextlib import closing
from contextvars import copy_context
from typing import Any

from botocore.exceptions import ClientError

from offhook.adapters.bedrock.cut_stream import CutStream
from offhook.adapters.bedrock.failures import SERVICE, model_errors
from offhook.adapters.bedrock.messages import conversation
from offhook.adapters.bedrock.replies import events_of
from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import error_code
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.requests import ModelEvent, ModelRequest

_CONNECT_S = 1.0
_READ_S = 4.0
"""Longer than anybody on the line waits: what was given up before it began frees its thread by then."""

_UNHEARD_READ_S = 30.0

# What some models refuse, by a word of the refusal that names it: they are asked without it from then on.
_REFUSALS = ("ValidationException", "AccessDeniedException")
_CACHE, _TOOL_CHOICE, _TEMPERATURE = "cach", "toolchoice", "temperature"


class Bedrock:
    """The service in one region; a client for spoken replies, and one for those that nobody waits for on the line."""

    def __init__(self, threads: Executor, *, region: str = "", connections: int = 64) -> None:
        self.threads = threads
        self._config: dict[str, Any] = {
            "connect_timeout": _CONNECT_S,
            "max_pool_connections": connections,
            "retries": {"total_max_attempts": 1},
            **({"region_name": region} if region else {}),
        }
        self.refused_extras: dict[str, frozenset[str]] = {}
        """What each model was found to refuse."""
        self._clients: dict[float, Any] = {}

    def client(self, *, is_unheard: bool) -> Any:
        """Return the SDK's client, without retries of its own: whoever asks knows better for how long that makes sense."""
        read_s = _UNHEARD_READ_S if is_unheard else _READ_S
        if read_s not in self._clients:
            self._clients[read_s] = make_client("bedrock-runtime", read_timeout=read_s, **self._config)
        return self._clients[read_s]

    def close(self) -> None:
        """Close the connections that are kept."""
        for client in self._clients.values():
            client.close()


class BedrockModel:
    """Implements LanguageModel; each reply takes a thread and a connection until it ends or is given up."""

    def __init__(
        self,
        service: Bedrock,
        model_id: str,
        *,
        temperature: float | None = None,
        guardrail: tuple[str, str] | None = None,
    ) -> None:
        """Take the id of a model or of an inference profile; the guardrail's id and version, if it has one."""
        self._service = service
        self._model_id = model_id
        self._temperature = temperature
        self._guardrail = guardrail

    async def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """See the port."""
        stream = CutStream()
        parts: asyncio.Queue[ModelEvent | ModelError | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def work() -> None:
            for part in self._parts(request, stream):
                if stream.is_cut:
                    return
                loop.call_soon_threadsafe(parts.put_nowait, part)

        def end(done: asyncio.Future[None]) -> None:
            if not done.cancelled() and (error := done.exception()) is not None:
                parts.put_nowait(
                    ModelError(ModelFailure.CORRUPT, service=SERVICE, reason=type(error).__name__)
                )

        working = loop.run_in_executor(self._service.threads, copy_context().run, work)
        working.add_done_callback(end)
        try:
            while (part := await parts.get()) is not None:
                if isinstance(part, ModelError):
                    raise part
                yield part
        finally:
            stream.cut()
            working.cancel()  # one that has not begun has nothing to free

    def _parts(self, request: ModelRequest, stream: CutStream) -> Iterator[ModelEvent | ModelError | None]:
        """Ask, in a thread; what comes last is None or the failure."""
        try:
            with model_errors(), closing(stream):
                stream.take(self._ask(request))
                yield from events_of(stream.messages())
            yield None
        except ModelError as error:
            yield error

    def _ask(self, request: ModelRequest) -> Any:
        client = self._service.client(is_unheard=bool(request.must_call))
        while True:
            without = self._service.refused_extras.get(self._model_id, frozenset())
            try:
                return client.converse_stream(**self._asked(request, without))["stream"]
            except ClientError as error:
                refused = _refused_extra(error, without)
                if refused is None:
                    raise
                self._service.refused_extras[self._model_id] = without | {refused}

    def _asked(self, request: ModelRequest, without: frozenset[str]) -> dict[str, Any]:
        asked = conversation(request, caches=_CACHE not in without)
        inference: dict[str, Any] = {"maxTokens": request.max_tokens}
        if self._temperature is not None and _TEMPERATURE not in without:
            inference["temperature"] = self._temperature
        if request.must_call and _TOOL_CHOICE not in without:
            asked["toolConfig"]["toolChoice"] = {"tool": {"name": request.must_call}}
        if self._guardrail is not None:
            id_, version = self._guardrail
            # In sync mode nothing is said that the guardrail has not seen.
            asked["guardrailConfig"] = {
                "guardrailIdentifier": id_,
                "guardrailVersion": version,
                "streamProcessingMode": "sync",
            }
        return {"modelId": self._model_id, "inferenceConfig": inference, **asked}


def _refused_extra(error: ClientError, without: frozenset[str]) -> str | None:
    """Return what the refusal names of that which the model can be asked without; None for any other error."""
    message = str(error).lower()
    extras = (each for each in (_CACHE, _TOOL_CHOICE, _TEMPERATURE) if each not in without)
    return (
        next((each for each in extras if each in message), None) if error_code(error) in _REFUSALS else None
    )
