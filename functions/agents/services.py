"""What the agents function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.agents.offered import Offered
from offhook.agents.ports import AgentRepository
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsServices(HttpServices):
    """Enough for its routes."""

    agents: AgentRepository
    offered: Offered
    public_base_url: str


def make_services(ports: Ports) -> AgentsServices:
    """Compose them."""
    return AgentsServices(
        **http_parts(ports),
        agents=ports.store.agents,
        offered=ports.offered,
        public_base_url=ports.settings.public_base_url,
    )
