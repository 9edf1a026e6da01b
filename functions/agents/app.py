"""The agents function as an ASGI application."""

from fastapi import FastAPI

from functions.agents.routes import AgentsRoutes
from functions.agents.services import AgentsServices
from functions.http.app import create_app as create_http_app


def create_app(services: AgentsServices) -> FastAPI:
    """Make the application."""
    return create_http_app("Offhook agents", [AgentsRoutes(services).router()])
