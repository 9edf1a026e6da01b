"""What the agents function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.agents.editing import AgentEditor
from offhook.agents.ports import AgentRepository
from offhook.ports import Ports
from offhook.tools.in_workflows import ToolsInWorkflows


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsServices(HttpServices):
    """Enough for its routes."""

    agents: AgentRepository
    editor: AgentEditor
    public_base_url: str


def make_services(ports: Ports) -> AgentsServices:
    """Compose them."""
    return AgentsServices(
        **http_parts(ports),
        agents=ports.store.agents,
        editor=AgentEditor(
            agents=ports.store.agents,
            tools=ToolsInWorkflows(
                tools=ports.store.tools, documents=ports.store.knowledge, agents=ports.store.agents
            ),
            offered=ports.offered,
            clock=ports.clock,
        ),
        public_base_url=ports.settings.public_base_url,
    )
