"""Entrypoint of the trigger function on AWS Lambda."""

from functions.http.wiring import lambda_handler, make_ender, open_store, read_settings
from functions.trigger.app import create_app
from functions.trigger.services import TriggerServices
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.adapters.sqs.queue import SqsQueue
from offhook.addresses import AddressPolicy
from offhook.clock import system_clock
from offhook.runs.placing.placer import CallPlacer
from offhook.telephony.links import CarrierLinks

settings = read_settings()
store = open_store(settings)
placer = CallPlacer(
    runs=store.runs,
    ledgers=store.ledgers,
    ender=make_ender(settings, store),
    dials=SqsQueue(settings.dial_queue_url),
    pace=store.pace,
    telephony=store.telephony,
    secret_box=KmsSecretBox(settings.kms_key_id),
    carrier=CloudonixClient(settings.cloudonix_url),
    links=CarrierLinks(settings.public_base_url, settings.install_secret),
    addresses=AddressPolicy.from_setting(settings.allowed_networks),
)
services = TriggerServices(
    organizations=store.organizations,
    idempotency=store.idempotency,
    clock=system_clock,
    agents=store.agents,
    placer=placer,
)
handler = lambda_handler(create_app(services), settings, service="trigger")
