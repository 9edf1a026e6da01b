"""The campaigns function, put together."""

from fastapi import APIRouter

from functions.campaigns.campaigns import CampaignRoutes
from functions.campaigns.contacts import ContactRoutes
from functions.campaigns.export import ExportRoutes
from functions.campaigns.services import make_services
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of campaigns, on these ports."""
    services = make_services(ports)
    all_routes = (CampaignRoutes, ContactRoutes, ExportRoutes)
    return [routes(services).router() for routes in all_routes]
