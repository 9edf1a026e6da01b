"""The runs function as an ASGI application."""

from fastapi import FastAPI

from functions.http.app import create_app as create_http_app
from functions.runs.routes import RunsRoutes
from functions.runs.services import RunsServices


def create_app(services: RunsServices) -> FastAPI:
    """Make the application that shows, ends and deletes runs."""
    return create_http_app("Offhook runs", [RunsRoutes(services).router()])
