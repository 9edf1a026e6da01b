"""The language models of a call: one answers, and where it fails, or answers with nothing, the next one is asked."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TypeAlias

from offhook.errors import EngineError
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.ports import ModelChoice
from offhook.models.requests import (
    ChatLine,
    ModelEvent,
    ModelRequest,
    ModelUsage,
    Stopped,
    StopReason,
    TextDelta,
    ToolCall,
    ToolOutcome,
    Working,
)
from streamer.loop_time import now_s

logger = logging.getLogger(__name__)

FIRST_TOKEN_LIMIT_S = 1.2
"""How long a model may take for its first word, or the first of a tool's call."""

# All models are asked twice, the second time after a moment, and none any more after so much silence: the caller hears
# something within three seconds.
_ROUNDS = 2
_BETWEEN_ROUNDS_S = 0.25
_LAST_ATTEMPT_S = 2.6
_MOST_SILENCE_S = 3.0
# Later it may be silent as long as what it gave is surely still being said.
_PIECE_LIMIT_S = 2.0
# What has to be one tool is for nobody who waits on the line.
_UNHEARD = 4
# A model that failed is the last to be asked for so long: none is worth a second of silence before each answer.
_AVOIDED_S = 30.0

# What tokenizers make of English, roughly: for replies whose service had no time to tell their usage.
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stumbled:
    """A model has failed; what came since its last whole sentence counts no more. `code` in kebab case."""

    code: str


Thought: TypeAlias = TextDelta | ToolCall | Stumbled

_HINTS = {
    "model-empty": "Your last reply was empty. Answer the caller, or call a tool.",
    "model-cut-off": "Your last reply was too long. Answer in one short sentence.",
    "model-malformed": "Your last reply could not be read. Write plain sentences, and arguments that fit the tool's schema.",
    "model-unknown-tool": "You called a tool that does not exist. Call none but those that you are offered.",
    "model-no-call": "Your last reply was not the call of the tool that was asked for. Call it, and say nothing.",
}


class _BadReplyError(EngineError):
    """A reply came, and is none."""

    def __init__(self, code: str, *, engine: str) -> None:
        super().__init__("The model's reply can't be used.", engine=engine)
        self.code = code


class Thinker:
    """Asks the first of a call's models that works. `uses` has what each has cost, by engine."""

    def __init__(
        self, choices: Sequence[ModelChoice], *, first_token_limit_s: float = FIRST_TOKEN_LIMIT_S
    ) -> None:
        self._choices = tuple(choices)
        self._limit_s = first_token_limit_s
        self._avoided_until_s: dict[ModelChoice, float] = {}
        self.uses: dict[str, ModelUsage] = {}

    def become(self, choices: Sequence[ModelChoice]) -> None:
        """Ask other models from now on."""
        self._choices = tuple(choices)

    async def think(
        self, request: ModelRequest, *, has_said: Callable[[], bool]
    ) -> AsyncGenerator[Thought, None]:
        """Yield the reply's text as it comes, and at its end the tools that it calls; raise EngineError when none is usable.

        `has_said` tells whether a whole sentence of this reply was passed on: that is not said again. A reply that breaks
        off then has ended there, unless it was about to call a tool: that is asked for once more.
        """
        failure: EngineError | None = None
        choices, silent_since_s = self._in_order(), now_s()
        refused: set[ModelChoice] = set()
        for number, choice in enumerate(choices * _ROUNDS):
            if choice in refused:
                continue
            if failure is not None:
                if number == len(choices):
                    await asyncio.sleep(_BETWEEN_ROUNDS_S)
                if now_s() - silent_since_s > self._patience(request, _LAST_ATTEMPT_S):
                    break
                yield Stumbled(code=_code(failure))
            left_s = self._patience(request, _MOST_SILENCE_S) - (now_s() - silent_since_s)
            attempt = _Attempt(choice, request, min(self._patience(request, self._limit_s), left_s))
            try:
                async with aclosing(attempt.thoughts()) as thoughts:
                    async for thought in thoughts:
                        yield thought
                return
            except EngineError as error:
                failure = error
                logger.warning("language model failed", extra={"model": choice.engine, "code": _code(error)})
            finally:
                self._count(attempt)
                if attempt.has_hung:
                    self._avoid(choice)
            if not isinstance(failure, _BadReplyError):
                self._avoid(choice)
            if not failure.retryable:
                refused.add(choice)
            if has_said():
                if not attempt.calls_tools:
                    yield Stumbled(code=_code(failure))
                    return
                silent_since_s = now_s()
            request = attempt.once_more(failure, has_said=has_said())
        if failure is not None:
            raise failure

    def _avoid(self, choice: ModelChoice) -> None:
        self._avoided_until_s[choice] = now_s() + _AVOIDED_S

    def _in_order(self) -> tuple[ModelChoice, ...]:
        at_s = now_s()
        return tuple(sorted(self._choices, key=lambda c: self._avoided_until_s.get(c, 0) > at_s))

    def _patience(self, request: ModelRequest, limit_s: float) -> float:
        return limit_s * _UNHEARD if request.must_call else limit_s

    def _count(self, attempt: "_Attempt") -> None:
        if (used := attempt.used()) is not None:
            before = self.uses.get(attempt.engine)
            self.uses[attempt.engine] = used if before is None else before + used


class _Attempt:
    """One model's attempt at a reply; `calls_tools` says whether it went, or was going, to call one.

    `has_hung` says that nothing had come for long when the reply was given up, as the caller had spoken meanwhile.
    """

    def __init__(self, choice: ModelChoice, request: ModelRequest, limit_s: float) -> None:
        self.engine = choice.engine
        self.calls_tools = False
        self.has_hung = False
        self._request = request
        self._model = choice.model
        self._limit_s = limit_s
        self._piece_limit_s = _PIECE_LIMIT_S * (_UNHEARD if request.must_call else 1)
        self._text = ""
        self._calls: list[ToolCall] = []
        self._usage: ModelUsage | None = None
        self._reason = StopReason.END_TURN
        self._was_refused = False

    async def thoughts(self) -> AsyncGenerator[TextDelta | ToolCall, None]:
        """Yield the text as it comes, and the calls once all of the reply is known to be good; raise EngineError."""
        async with aclosing(self._events()) as events:
            async for event in events:
                match event:
                    case TextDelta():
                        self._text += event.text
                        if event.text and not self._request.must_call:
                            yield event
                    case Working():
                        self.calls_tools = True
                    case ToolCall():
                        self.calls_tools = True
                        self._calls.append(event)
                    case ModelUsage():
                        self._usage = event
                    case Stopped():
                        self._reason = event.reason
        # What a guardrail says is all that there is.
        calls = () if self._reason is StopReason.GUARDRAIL else self._calls
        if (code := self._fault(calls)) is not None:
            raise _BadReplyError(code, engine=self.engine)
        for call in calls:
            yield call

    def used(self) -> ModelUsage | None:
        """Return what it has cost; a reply that nobody heard to its end is billed as far as it came."""
        if self._usage is not None or self._was_refused:
            return self._usage
        return ModelUsage(
            input_tokens=_characters(self._request) // _CHARACTERS_PER_TOKEN,
            output_tokens=len(self._text) // _CHARACTERS_PER_TOKEN,
        )

    def once_more(self, failure: EngineError, *, has_said: bool) -> ModelRequest:
        """Return the request for another attempt, which knows what was said and what was wrong."""
        said = (ChatLine(from_caller=False, text=self._text),) if has_said else ()
        hint = _HINTS.get(failure.code, "")
        facts = "\n".join(filter(None, (self._request.facts, hint)))
        return replace(self._request, lines=(*self._request.lines, *said), facts=facts)

    def _fault(self, calls: Sequence[ToolCall]) -> str | None:
        request, is_malformed = self._request, self._reason is StopReason.MALFORMED
        offered = {tool.name for tool in request.tools}
        if any(call.name not in offered for call in calls):
            return "model-unknown-tool"
        if is_malformed or any(call.arguments is None for call in calls):
            self.calls_tools = self.calls_tools or bool(offered)
            return "model-malformed"
        if request.must_call and request.must_call not in {call.name for call in calls}:
            return "model-no-call"
        if calls:
            return None
        if self._reason is StopReason.MAX_TOKENS:
            return "model-cut-off"
        return None if self._text.strip() else "model-empty"

    async def _events(self) -> AsyncGenerator[ModelEvent, None]:
        reply, limit_s = self._model.reply(self._request), self._limit_s
        try:
            while (event := await self._next(reply, limit_s)) is not None:
                limit_s = self._piece_limit_s
                yield event
        finally:
            if isinstance(reply, AsyncGenerator):
                await reply.aclose()

    async def _next(self, reply: AsyncIterator[ModelEvent], limit_s: float) -> ModelEvent | None:
        waits_since_s = now_s()
        try:
            async with asyncio.timeout(limit_s):
                return await anext(reply, None)
        except asyncio.CancelledError:
            self.has_hung = now_s() - waits_since_s >= self._limit_s
            raise
        except TimeoutError as error:
            raise ModelError(ModelFailure.STALLED, service=self.engine) from error
        except EngineError:
            # Who is refused before anything came is not billed.
            self._was_refused = not self._text and not self.calls_tools
            raise


def _characters(request: ModelRequest) -> int:
    lines = (line.text for line in request.lines if isinstance(line, ChatLine | ToolOutcome))
    tools = (f"{tool.name}{tool.description}" for tool in request.tools)
    return sum(map(len, (request.system, request.facts, *lines, *tools)))


def _code(error: EngineError) -> str:
    if isinstance(error, _BadReplyError):
        return error.code
    return f"model-{error.failure}" if isinstance(error, ModelError) else "model-failed"
