"""Finds an agent's language models among those that the install has."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from offhook.agents.engines import BEDROCK, EMBEDDED, OPENAI
from offhook.agents.offered import Offered
from offhook.agents.settings import AgentSettings
from offhook.errors import NotConfiguredError
from offhook.models.keyword_model import KeywordModel
from offhook.models.ports import LanguageModel, ModelChoice
from offhook.settings import Settings

if TYPE_CHECKING:
    from offhook.adapters.bedrock.client import Bedrock
    from offhook.adapters.openai.endpoint import Endpoint

# A call may ask for its next words and for what was said before at once.
_REPLIES_A_CALL = 2


class InstalledModels:
    """Implements Models over the adapters of the engines that the operator has set, each opened when it is first chosen."""

    def __init__(self, settings: Settings, offered: Offered, *, api_key: str = "") -> None:
        """Check what is set; raise NotConfiguredError."""
        if OPENAI in offered.models and not settings.llm_url:
            raise NotConfiguredError(
                "Set OFFHOOK_LLM_URL to the endpoint that openai is, or take openai out of OFFHOOK_MODELS."
            )
        self._llm_url = settings.llm_url
        self._regions = settings.bedrock_region, settings.bedrock_second_region
        self._offered = offered
        self._api_key = api_key
        self._replies = settings.max_calls * _REPLIES_A_CALL

    @property
    def names(self) -> tuple[str, ...]:
        """See the port."""
        return self._offered.models

    def warm(self) -> None:
        """See the port."""
        if BEDROCK in self.names:
            for service in {self._bedrock, self._second_bedrock}:
                service.client(is_unheard=False)
        if OPENAI in self.names:
            self._endpoint.warm()

    def choose(self, settings: AgentSettings) -> tuple[ModelChoice, ...]:
        """See the port; an agent whose model has no id, and no install's own, goes by words."""
        return tuple(self._choices(settings)) or (ModelChoice(engine=EMBEDDED, model=KeywordModel()),)

    def _choices(self, settings: AgentSettings) -> Iterator[ModelChoice]:
        choice = self._offered.choose(settings)
        named = (choice.model, choice.model_id), (choice.second_model, choice.second_model_id)
        for is_second, (engine, model_id) in enumerate(named):
            if engine == EMBEDDED:
                yield ModelChoice(engine=EMBEDDED, model=KeywordModel())
            elif engine is not None and model_id:
                model = self._model(engine, model_id, settings, is_second=bool(is_second))
                yield ModelChoice(engine=model_id, model=model)

    def _model(
        self, engine: str, model_id: str, settings: AgentSettings, *, is_second: bool
    ) -> LanguageModel:
        if engine == OPENAI:
            from offhook.adapters.openai.endpoint import ChatModel

            return ChatModel(self._endpoint, model_id, temperature=settings.temperature)
        from offhook.adapters.bedrock.client import BedrockModel

        guardrail = settings.guardrail
        return BedrockModel(
            self._second_bedrock if is_second else self._bedrock,
            model_id,
            temperature=settings.temperature,
            guardrail=None if guardrail is None else (guardrail.id, guardrail.version),
        )

    async def close(self) -> None:
        """Close the connections that are kept."""
        if "_endpoint" in self.__dict__:
            await self._endpoint.close()

    @cached_property
    def _bedrock(self) -> Bedrock:
        return self._in_region(self._regions[0])

    @cached_property
    def _second_bedrock(self) -> Bedrock:
        second = self._regions[1]
        return self._in_region(second) if second else self._bedrock

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._replies, thread_name_prefix=BEDROCK)

    @cached_property
    def _endpoint(self) -> Endpoint:
        from offhook.adapters.openai.endpoint import Endpoint

        return Endpoint(self._llm_url, api_key=self._api_key, connections=self._replies)

    def _in_region(self, region: str) -> Bedrock:
        from offhook.adapters.bedrock.client import Bedrock

        return Bedrock(self._threads, region=region, connections=self._replies)
