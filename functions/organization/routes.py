"""Routes of the organization function."""

from fastapi import APIRouter

from functions.http.routing import Routes
from functions.organization.services import OrganizationServices


class OrganizationRoutes:
    """To be filled."""

    def __init__(self, services: OrganizationServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        return Routes(self._services, tag="organization").router
