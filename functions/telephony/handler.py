"""Entrypoint of the telephony function on AWS Lambda."""

from functions.http.pagination import Cursors
from functions.http.wiring import lambda_handler, make_ender, open_store, read_settings
from functions.telephony.app import create_app
from functions.telephony.services import TelephonyServices
from offhook.adapters.carriers.by_provider import dialects
from offhook.adapters.carriers.paced import CHECK_PATIENCE_S, PacedCarrier
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.clock import system_clock
from offhook.runs.carrier.incoming import CallTaker
from offhook.telephony.links import CarrierLinks

settings = read_settings()
store = open_store(settings)
services = TelephonyServices(
    organizations=store.organizations,
    idempotency=store.idempotency,
    agents=store.agents,
    telephony=store.telephony,
    secret_box=KmsSecretBox(settings.kms_key_id),
    carrier=PacedCarrier(CloudonixClient(settings.cloudonix_url), store.pace, patience_s=CHECK_PATIENCE_S),
    dialects=dialects(),
    cursors=Cursors(settings.install_secret),
    runs=store.runs,
    ender=make_ender(settings, store),
    taker=CallTaker(runs=store.runs, ledgers=store.ledgers, organizations=store.organizations),
    links=CarrierLinks(settings.public_base_url, settings.install_secret),
    clock=system_clock,
)
handler = lambda_handler(create_app(services), settings, service="telephony")
