"""The organization function, put together."""

from fastapi import APIRouter

from functions.organization.credentials import CredentialRoutes
from functions.organization.do_not_call import DoNotCallRoutes
from functions.organization.knowledge import KnowledgeRoutes
from functions.organization.limits import LimitsRoutes
from functions.organization.services import make_services
from functions.organization.tools import ToolRoutes
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of limits, the do-not-call list, tools, credentials and knowledge, on these ports."""
    services = make_services(ports)
    return [
        routes(services).router()
        for routes in (LimitsRoutes, DoNotCallRoutes, ToolRoutes, CredentialRoutes, KnowledgeRoutes)
    ]
