"""The organization function as an ASGI application."""

from fastapi import FastAPI

from functions.http.app import create_app as create_http_app
from functions.organization.routes import organization_routers
from functions.organization.services import OrganizationServices


def create_app(services: OrganizationServices) -> FastAPI:
    """Make the application."""
    return create_http_app("Offhook organization", organization_routers(services))
