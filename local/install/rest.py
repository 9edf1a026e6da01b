"""All functions as one ASGI application: what CloudFront and the HTTP API put together on AWS."""

from fastapi import FastAPI

from functions.agents import app as agents
from functions.analytics import app as analytics
from functions.api_keys import app as api_keys
from functions.campaigns import app as campaigns
from functions.docs.routes import DocsRoutes
from functions.http.app import create_app
from functions.organization import app as organization
from functions.runs import app as runs
from functions.sessions import app as sessions
from functions.telephony import app as telephony
from functions.trigger import app as trigger
from local.install.pages import page_routes
from offhook.ports import Ports

_FUNCTIONS = (trigger, runs, agents, api_keys, telephony, organization, sessions, campaigns, analytics)


def create_rest(ports: Ports, *, media_origin: str = "") -> FastAPI:
    """Make the application with every route below /api/v1, and with /healthz, /openapi.json, /docs and the pages.

    `media_origin` is where the links to recordings lead.
    """
    app = create_app([router for function in _FUNCTIONS for router in function.routers(ports)])
    app.router.routes.extend([*DocsRoutes(app.openapi).routes(), *page_routes(media_origin)])
    return app
