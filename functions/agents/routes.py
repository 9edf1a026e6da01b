"""Routes of the agents function."""

from fastapi import APIRouter

from functions.agents.services import AgentsServices
from functions.http.routing import Routes


class AgentsRoutes:
    """To be filled."""

    def __init__(self, services: AgentsServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        return Routes(self._services, tag="agents").router
