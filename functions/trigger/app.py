"""The trigger function, put together."""

from fastapi import APIRouter

from functions.trigger.routes import TriggerRoutes
from functions.trigger.services import make_services
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of the function, on these ports."""
    return [TriggerRoutes(make_services(ports)).router()]
