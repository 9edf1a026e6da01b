"""Entrypoint of the API key function on AWS Lambda."""

from functions.api_keys.app import create_app
from functions.api_keys.services import ApiKeysServices
from functions.http.pagination import Cursors
from functions.http.wiring import lambda_handler, open_store, read_settings
from offhook.clock import system_clock

settings = read_settings()
store = open_store(settings)
services = ApiKeysServices(
    organizations=store.organizations,
    idempotency=store.idempotency,
    clock=system_clock,
    cursors=Cursors(settings.install_secret),
)
handler = lambda_handler(create_app(services), settings, service="api-keys")
