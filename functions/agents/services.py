"""What the agents function is given."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.agents.ports import AgentRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsServices(HttpServices):
    """Enough for its routes."""

    agents: AgentRepository
    cursors: Cursors
    public_base_url: str
