"""The telephony function, put together."""

from fastapi import APIRouter

from functions.telephony.cdr import CdrRoutes
from functions.telephony.configurations import ConfigurationRoutes
from functions.telephony.inbound import InboundRoutes
from functions.telephony.numbers import NumberRoutes
from functions.telephony.routes import ContinueRoutes, StatusRoutes
from functions.telephony.services import make_services
from functions.telephony.transfers import TransferRoutes
from offhook.ports import Ports


def routers(ports: Ports) -> list[APIRouter]:
    """Return the routes of the function, on these ports."""
    services = make_services(ports)
    return [
        ContinueRoutes(services).router(),
        *(StatusRoutes(services, dialect).router() for dialect in services.dialects),
        *(TransferRoutes(services, dialect).router() for dialect in services.dialects),
        InboundRoutes(services).router(),
        *(CdrRoutes(services, dialect).router() for dialect in services.dialects),
        ConfigurationRoutes(services).router(),
        NumberRoutes(services).router(),
    ]
