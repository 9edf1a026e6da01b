"""The runs function, put together."""

from fastapi import APIRouter

from functions.runs.routes import RunsRoutes
from functions.runs.services import make_services
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of the function, on these ports."""
    return [RunsRoutes(make_services(ports)).router()]
