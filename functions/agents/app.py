"""The agents function, put together."""

from fastapi import APIRouter

from functions.agents.routes import AgentsRoutes
from functions.agents.services import make_services
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of the function, on these ports."""
    return [AgentsRoutes(make_services(ports)).router()]
