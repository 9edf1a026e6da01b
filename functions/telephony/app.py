"""The telephony function as an ASGI application."""

from fastapi import APIRouter, FastAPI

from functions.http.app import create_app as create_http_app
from functions.telephony.cdr import CdrRoutes
from functions.telephony.configurations import ConfigurationRoutes
from functions.telephony.inbound import InboundRoutes
from functions.telephony.numbers import NumberRoutes
from functions.telephony.routes import ContinueRoutes, StatusRoutes
from functions.telephony.services import TelephonyServices
from functions.telephony.transfers import TransferRoutes


def create_app(services: TelephonyServices) -> FastAPI:
    """Make the application that manages telephony configurations and answers the carrier."""
    return create_http_app("Offhook telephony", routers(services))


def routers(services: TelephonyServices) -> list[APIRouter]:
    """Return all routes of the function."""
    return [
        ContinueRoutes(services).router(),
        *(StatusRoutes(services, dialect).router() for dialect in services.dialects),
        *(TransferRoutes(services, dialect).router() for dialect in services.dialects),
        InboundRoutes(services).router(),
        *(CdrRoutes(services, dialect).router() for dialect in services.dialects),
        ConfigurationRoutes(services).router(),
        NumberRoutes(services).router(),
    ]
