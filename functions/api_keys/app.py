"""The API key function as an ASGI application."""

from fastapi import FastAPI

from functions.api_keys.routes import ApiKeysRoutes
from functions.api_keys.services import ApiKeysServices
from functions.http.app import create_app as create_http_app


def create_app(services: ApiKeysServices) -> FastAPI:
    """Make the application that manages API keys."""
    return create_http_app("Offhook API keys", [ApiKeysRoutes(services).router()])
