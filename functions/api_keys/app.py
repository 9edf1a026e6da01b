"""The API key function, put together."""

from fastapi import APIRouter

from functions.api_keys.routes import ApiKeysRoutes
from functions.api_keys.services import make_services
from functions.api_keys.sign_in import SignInRoutes
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of the function, on these ports."""
    services = make_services(ports)
    return [ApiKeysRoutes(services).router(), SignInRoutes(services).router()]
