"""What the sessions function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.agents.ports import AgentRepository
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsServices(HttpServices):
    """Enough for its routes."""

    agents: AgentRepository


def make_services(ports: Ports) -> SessionsServices:
    """Compose them."""
    return SessionsServices(**http_parts(ports), agents=ports.store.agents)
