"""The sessions function, put together."""

from fastapi import APIRouter

from functions.sessions.deployments import DeploymentRoutes
from functions.sessions.services import make_services
from functions.sessions.sessions import SessionRoutes
from functions.sessions.workflows import WorkflowRoutes
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of streaming workflows and of their sessions, on these ports."""
    services = make_services(ports)
    return [routes(services).router() for routes in (WorkflowRoutes, DeploymentRoutes, SessionRoutes)]
