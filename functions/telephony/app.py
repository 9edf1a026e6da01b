"""The telephony function as an ASGI application."""

from fastapi import FastAPI

from functions.http.app import create_app as create_http_app
from functions.telephony.routes import TelephonyRoutes
from functions.telephony.services import TelephonyServices


def create_app(services: TelephonyServices) -> FastAPI:
    """Make the application that answers the carrier."""
    return create_http_app("Offhook telephony", [TelephonyRoutes(services).router()])
