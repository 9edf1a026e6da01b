"""Entrypoint of the runs function on AWS Lambda."""

from functions.http.pagination import Cursors
from functions.http.wiring import lambda_handler, make_ender, open_store, read_settings
from functions.runs.app import create_app
from functions.runs.services import RunsServices
from offhook.adapters.carriers.paced import PacedCarrier
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.adapters.s3.media import S3Media
from offhook.clock import system_clock

settings = read_settings()
store = open_store(settings)
services = RunsServices(
    organizations=store.organizations,
    idempotency=store.idempotency,
    clock=system_clock,
    agents=store.agents,
    telephony=store.telephony,
    secret_box=KmsSecretBox(settings.kms_key_id),
    carrier=PacedCarrier(CloudonixClient(settings.cloudonix_url), store.pace),
    audit=store.audit,
    ender=make_ender(settings, store),
    runs=store.runs,
    events=store.events,
    media=S3Media(settings.media_bucket),
    cursors=Cursors(settings.install_secret),
)
handler = lambda_handler(create_app(services), settings, service="runs")
