"""The telephony function as an ASGI application."""

from fastapi import APIRouter, FastAPI

from functions.http.app import create_app as create_http_app
from functions.telephony.cdr import CdrRoutes
from functions.telephony.configurations import ConfigurationRoutes
from functions.telephony.inbound import InboundRoutes
from functions.telephony.numbers import NumberRoutes
from functions.telephony.routes import TelephonyRoutes
from functions.telephony.services import TelephonyServices
from functions.telephony.transfers import TransferRoutes


def create_app(services: TelephonyServices) -> FastAPI:
    """Make the application that manages telephony configurations and answers the carrier."""
    return create_http_app("Offhook telephony", routers(services))


def routers(services: TelephonyServices) -> list[APIRouter]:
    """Return all routes of the function."""
    return [
        TelephonyRoutes(services).router(),
        TransferRoutes(services).router(),
        InboundRoutes(services).router(),
        CdrRoutes(services).router(),
        ConfigurationRoutes(services).router(),
        NumberRoutes(services).router(),
    ]
