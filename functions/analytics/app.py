"""The analytics function, put together."""

from fastapi import APIRouter

from functions.analytics.routes import AnalyticsRoutes
from functions.analytics.services import make_services
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of analytics, on these ports."""
    return [AnalyticsRoutes(make_services(ports)).router()]
