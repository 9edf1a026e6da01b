"""Asks an agent's language model about finished calls: several questions at once, each of one model after the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace

from offhook.agents.engines import EMBEDDED
from offhook.agents.settings import AgentSettings
from offhook.errors import EngineError, NotConfiguredError
from offhook.models.ports import ModelChoice, Models
from offhook.models.requests import ModelRequest, ModelUsage, ToolCall
from offhook.runs.ending.judging import Verdict
from offhook.runs.log.events import EnginePart, EngineUse

LIMIT_S = 20.0
"""Of one model for one answer; a second choice has as long, so that all are within the function's own limit."""


class ModelJudge:
    """Implements Judge."""

    def __init__(self, models: Models, *, limit_s: float = LIMIT_S) -> None:
        self._models = models
        self._limit_s = limit_s

    def ask(self, settings: AgentSettings, requests: Sequence[ModelRequest]) -> Sequence[Verdict]:
        # The embedded one compares words, and judges nothing.
        choices = [each for each in self._models.choose(settings) if each.engine != EMBEDDED]
        if not choices:
            raise NotConfiguredError("The agent has no language model that could judge.", code="no-model")
        return asyncio.run(self._ask_all(choices, requests))

    async def _ask_all(
        self, choices: Sequence[ModelChoice], requests: Sequence[ModelRequest]
    ) -> Sequence[Verdict]:
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(self._ask(choices, request)) for request in requests]
        return [task.result() for task in asked]

    async def _ask(self, choices: Sequence[ModelChoice], request: ModelRequest) -> Verdict:
        in_vain: tuple[EngineUse, ...] = ()
        for choice in choices:
            verdict = await self._ask_one(choice, request)
            verdict = replace(verdict, uses=(*in_vain, *verdict.uses))
            if verdict.arguments is not None:
                break
            # Without a token there is nothing to pay, and no price to miss.
            in_vain = tuple(use for use in verdict.uses if any(asdict(use.tokens).values()))
        return verdict

    async def _ask_one(self, choice: ModelChoice, request: ModelRequest) -> Verdict:
        use = EngineUse(part=EnginePart.MODEL, engine=choice.engine)
        arguments, failure = None, "no-answer"
        try:
            async with asyncio.timeout(self._limit_s):
                async for event in choice.model.reply(request):
                    match event:
                        case ToolCall(name=request.must_call) if event.arguments is not None:
                            arguments = event.arguments
                        case ModelUsage():
                            use = replace(use, **asdict(event))
        except TimeoutError:
            failure = "model-too-slow"
        except EngineError:
            failure = "model-failed"
        return Verdict(arguments=arguments, uses=(use,), failure=failure)
