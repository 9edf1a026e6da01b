"""Finds an agent's language models among those that the install has."""

from offhook.agents.engines import EMBEDDED
from offhook.agents.settings import AgentSettings
from offhook.models.keyword_model import KeywordModel
from offhook.models.ports import ModelChoice
from offhook.settings import Settings


class InstalledModels:
    """Implements Models over the adapters of the engines that the operator has set."""

    def __init__(self, _settings: Settings) -> None:
        self._embedded = ModelChoice(engine=EMBEDDED, model=KeywordModel())

    def choose(self, settings: AgentSettings) -> tuple[ModelChoice, ...]:
        """See the port."""
        return (self._embedded,)
