"""The language model's replies on their way to the machine: sentence by sentence, and what it chooses."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from offhook.errors import EngineError
from offhook.models.ports import ModelChoice
from offhook.models.requests import ModelRequest, ModelUsage, TextDelta, ToolCall
from streamer.call.commands import AskModel
from streamer.call.conversation.sentences import LONGEST_END, first_sentence, may_end
from streamer.call.events import EngineFailed, EngineStumbled, Event, ModelChose, ModelFinished, ModelText
from streamer.speech.thinker import Stumbled, Thinker

MOST_CHARACTERS = 200
"""A longer sentence of a model is said in pieces: a quarter of a minute, at the most, is lost when the caller cuts in."""

_MOST = MOST_CHARACTERS - LONGEST_END


class Thinking:
    """Asks one thing at a time."""

    def __init__(
        self,
        *,
        thinker: Thinker,
        on_event: Callable[[Event], None],
        language: str = "en-US",
        max_tokens: int = 500,
    ) -> None:
        self._thinker = thinker
        self._on_event = on_event
        self._language = language
        self._max_tokens = max_tokens
        self._current: asyncio.Task[None] | None = None
        self._replies: set[asyncio.Task[None]] = set()

    @property
    def uses(self) -> Mapping[str, ModelUsage]:
        """What each model has cost so far, by engine."""
        return self._thinker.uses

    def become(self, choices: Sequence[ModelChoice], *, language: str, max_tokens: int) -> None:
        """Ask other models from now on, and have them answer in another language."""
        self._thinker.become(choices)
        self._language, self._max_tokens = language, max_tokens

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
        reply = _Reply(ask.request, self._on_event, self._language)
        try:
            request = ModelRequest(
                system=ask.system,
                facts=ask.facts,
                lines=ask.lines,
                tools=ask.tools,
                max_tokens=self._max_tokens,
            )
            async for thought in self._thinker.think(request, has_said=lambda: reply.has_said):
                match thought:
                    case TextDelta():
                        reply.add(thought.text)
                    case ToolCall():
                        reply.say_rest()
                        self._on_event(
                            ModelChose(
                                request=ask.request,
                                tool=thought.name,
                                call_id=thought.call_id,
                                arguments=thought.arguments,
                            )
                        )
                    case Stumbled():
                        reply.drop_rest()
                        self._on_event(EngineStumbled(engine="model", code=thought.code))
        except EngineError:
            if self._current is asyncio.current_task():
                self._on_event(EngineFailed(engine="model", code="model-failed"))
            return
        reply.say_rest()
        self._on_event(ModelFinished(request=ask.request))


class _Reply:
    """One reply's text, passed on by the sentence; `has_said` tells whether one was."""

    def __init__(self, request: int, on_event: Callable[[Event], None], language: str) -> None:
        self._request = request
        self._on_event = on_event
        self._language = language
        self._rest = ""
        self.has_said = False

    def add(self, text: str) -> None:
        """Pass on the sentences that are whole now."""
        self._rest += text
        while may_end(self._rest, _MOST):
            sentence, rest = first_sentence(self._rest, self._language, _MOST)
            if not sentence:
                return
            self._rest = rest
            self._say(sentence)

    def say_rest(self) -> None:
        """Pass on what there is: nothing more belongs to it."""
        rest, self._rest = self._rest, ""
        self._say(rest)

    def drop_rest(self) -> None:
        """Forget what is no whole sentence."""
        self._rest = ""

    def _say(self, text: str) -> None:
        if text.strip():
            self.has_said = True
            self._on_event(ModelText(request=self._request, text=text.strip()))
