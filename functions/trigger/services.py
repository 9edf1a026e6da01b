"""What the trigger function is given."""

from dataclasses import dataclass

from functions.http.services import HttpServices
from offhook.agents.ports import AgentRepository
from offhook.runs.placing.placer import CallPlacer


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerServices(HttpServices):
    """Enough to find an agent and to place a call."""

    agents: AgentRepository
    placer: CallPlacer
