"""The sessions function, put together."""

from fastapi import APIRouter

from functions.sessions.services import make_services
from functions.sessions.workflows import WorkflowRoutes
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of streaming workflows, on these ports."""
    services = make_services(ports)
    return [WorkflowRoutes(services).router()]
