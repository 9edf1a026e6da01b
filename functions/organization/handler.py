"""Entrypoint of the organization function on AWS Lambda."""

from functions.http.pagination import Cursors
from functions.http.wiring import lambda_handler, open_store, read_settings
from functions.organization.app import create_app
from functions.organization.services import OrganizationServices
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.addresses import AddressPolicy
from offhook.clock import system_clock

settings = read_settings()
store = open_store(settings)
services = OrganizationServices(
    organizations=store.organizations,
    idempotency=store.idempotency,
    clock=system_clock,
    tools=store.tools,
    credentials=store.credentials,
    secret_box=KmsSecretBox(settings.kms_key_id),
    addresses=AddressPolicy.from_setting(settings.allowed_networks),
    cursors=Cursors(settings.install_secret),
    install_secret=settings.install_secret,
)
handler = lambda_handler(create_app(services), settings, service="organization")
