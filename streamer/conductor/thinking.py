"""The language model's replies on their way to the machine: sentence by sentence, and the edges it chooses."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from offhook.errors import EngineError
from offhook.models.ports import LanguageModel
from offhook.models.requests import (
    ChatLine,
    ModelEvent,
    ModelRequest,
    ModelUsage,
    TextDelta,
    ToolCall,
    ToolSpec,
)
from streamer.call.commands import AskModel
from streamer.call.events import EngineFailed, Event, ModelChose, ModelFinished, ModelText
from streamer.call.sentences import first_sentence
from streamer.conductor.engines import REPLY_LIMIT_S

logger = logging.getLogger(__name__)

# What tokenizers make of English, roughly: for replies whose service had no time to tell their usage.
_CHARACTERS_PER_TOKEN = 4


class Thinking:
    """Asks the model one thing at a time."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        on_event: Callable[[Event], None],
        language: str = "en-US",
        limit_s: float = REPLY_LIMIT_S,
    ) -> None:
        self._model = model
        self._on_event = on_event
        self._limit_s = limit_s
        self._language = language
        self._current: asyncio.Task[None] | None = None
        self._replies: set[asyncio.Task[None]] = set()
        self.input_tokens = 0
        self.output_tokens = 0

    def ask(self, ask: AskModel, tasks: asyncio.TaskGroup) -> None:
        """Ask the model; drop what was asked before."""
        self.cancel()
        self._current = tasks.create_task(self._reply(ask))
        self._replies.add(self._current)
        self._current.add_done_callback(self._replies.discard)

    def cancel(self) -> None:
        """Drop what was asked; a reply that is dropped for what it chose itself is read on, for its usage comes last."""
        for task in self._replies - {asyncio.current_task()}:
            task.cancel()
        self._current = None

    async def _reply(self, ask: AskModel) -> None:
        said = ""
        request, answered, is_counted = _request(ask), 0, False
        try:
            async for event in self._events(request):
                match event:
                    case TextDelta():
                        answered += len(event.text)
                        said = self._say_sentences(ask.request, said + event.text)
                    case ToolCall():
                        self._say(ask.request, said)
                        said = ""
                        self._on_event(ModelChose(request=ask.request, tool=event.name))
                    case ModelUsage():
                        is_counted = True
                        self.input_tokens += event.input_tokens
                        self.output_tokens += event.output_tokens
        except asyncio.CancelledError:
            if not is_counted:
                self._count_dropped(request, answered)
            raise
        except (EngineError, TimeoutError) as error:
            logger.warning("language model failed", extra={"error_type": type(error).__name__})
            if self._current is asyncio.current_task():
                self._on_event(EngineFailed(engine="model", code="model-failed"))
            return
        self._say(ask.request, said)
        self._on_event(ModelFinished(request=ask.request))

    def _count_dropped(self, request: ModelRequest, answered_characters: int) -> None:
        # Usage comes last, so a reply that is dropped tells none; it is billed as far as it came.
        asked = len(request.system) + sum(
            len(line.text) for line in request.lines if isinstance(line, ChatLine)
        )
        self.input_tokens += asked // _CHARACTERS_PER_TOKEN
        self.output_tokens += answered_characters // _CHARACTERS_PER_TOKEN

    def _say_sentences(self, request: int, text: str) -> str:
        """Pass on the whole sentences; return the rest."""
        while True:
            sentence, text = first_sentence(text, self._language)
            if not sentence:
                return text
            self._say(request, sentence)

    def _say(self, request: int, text: str) -> None:
        if text.strip():
            self._on_event(ModelText(request=request, text=text.strip()))

    async def _events(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        reply = aiter(self._model.reply(request))
        while True:
            async with asyncio.timeout(self._limit_s):
                event = await anext(reply, None)
            if event is None:
                return
            yield event


def _request(ask: AskModel) -> ModelRequest:
    return ModelRequest(
        system=ask.system,
        lines=tuple(
            ChatLine(role="user" if line.from_caller else "assistant", text=line.text) for line in ask.lines
        ),
        tools=tuple(ToolSpec(name=tool.name, description=tool.description) for tool in ask.tools),
    )
