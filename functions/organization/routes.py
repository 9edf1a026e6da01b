"""Routes of the organization function."""

from fastapi import APIRouter

from functions.organization.credentials import CredentialRoutes
from functions.organization.limits import LimitsRoutes
from functions.organization.services import OrganizationServices
from functions.organization.tools import ToolRoutes


def organization_routers(services: OrganizationServices) -> list[APIRouter]:
    """Return the routes of limits, tools and credentials."""
    return [
        LimitsRoutes(services).router(),
        ToolRoutes(services).router(),
        CredentialRoutes(services).router(),
    ]
