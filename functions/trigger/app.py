"""The trigger function as an ASGI application."""

from fastapi import FastAPI

from functions.http.app import create_app as create_http_app
from functions.trigger.routes import TriggerRoutes
from functions.trigger.services import TriggerServices


def create_app(services: TriggerServices) -> FastAPI:
    """Make the application that starts calls."""
    return create_http_app("Offhook trigger", [TriggerRoutes(services).router()])
