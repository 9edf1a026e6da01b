"""The API key function, put together."""

from fastapi import APIRouter

from functions.api_keys.routes import ApiKeysRoutes
from functions.api_keys.services import make_services
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of the function, on these ports."""
    return [ApiKeysRoutes(make_services(ports)).router()]
