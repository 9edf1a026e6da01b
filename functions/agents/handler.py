"""Entrypoint of the agents function on AWS Lambda."""

from functions.agents.app import create_app
from functions.agents.services import AgentsServices
from functions.http.pagination import Cursors
from functions.http.wiring import lambda_handler, open_store, read_settings
from offhook.clock import system_clock

settings = read_settings()
store = open_store(settings)
services = AgentsServices(
    organizations=store.organizations,
    idempotency=store.idempotency,
    clock=system_clock,
    agents=store.agents,
    cursors=Cursors(settings.install_secret),
    public_base_url=settings.public_base_url,
)
handler = lambda_handler(create_app(services), settings, service="agents")
