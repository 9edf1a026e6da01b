"""Who answers, and which of them an agent's settings choose."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from offhook.agents.settings import AgentSettings
from offhook.models.requests import ModelEvent, ModelRequest


class LanguageModel(Protocol):
    """One model of a provider: decides what to say and do."""

    def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the reply as it is made; raise EngineError. Who stops listening (`aclose`) frees what it holds at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model that may be asked, and what its engine is called in usage and in the price list."""

    engine: str
    model: LanguageModel


class Models(Protocol):
    """The language models of an install."""

    @property
    def names(self) -> tuple[str, ...]:
        """Whose models it has; the first are for agents that name none."""

    def warm(self) -> None:
        """Make the clients, so that no caller waits for that; blocks."""

    def choose(self, settings: AgentSettings) -> tuple[ModelChoice, ...]:
        """Return what such an agent thinks with: of these the first one that works."""
