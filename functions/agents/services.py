"""What the agents function is made of."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.agents.ports import AgentRepository
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsServices(HttpServices):
    """Enough for its routes."""

    agents: AgentRepository
    cursors: Cursors
    public_base_url: str


def make_services(ports: Ports) -> AgentsServices:
    """Compose them."""
    store = ports.store
    return AgentsServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=ports.clock,
        agents=store.agents,
        cursors=Cursors(ports.settings.install_secret),
        public_base_url=ports.settings.public_base_url,
    )
