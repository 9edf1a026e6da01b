"""Entrypoint of the aftercall function on AWS Lambda."""

from functions.aftercall.app import create_handler
from functions.aftercall.services import AftercallServices
from functions.http.wiring import open_store, queue_handler, read_settings
from offhook.adapters.http.guarded_client import GuardedClient
from offhook.adapters.s3.media import S3Media
from offhook.adapters.sqs.queue import SqsQueue
from offhook.addresses import AddressPolicy
from offhook.clock import system_clock
from offhook.runs.ending.callbacks import CallbackDelivery

settings = read_settings()
store = open_store(settings)
callbacks = CallbackDelivery(
    runs=store.runs,
    ledgers=store.ledgers,
    aftercalls=SqsQueue(settings.aftercall_queue_url),
    courier=GuardedClient(AddressPolicy.from_setting(settings.allowed_networks)),
    media=S3Media(settings.media_bucket),
    clock=system_clock,
    install_secret=settings.install_secret,
)
handler = queue_handler(create_handler(AftercallServices(callbacks=callbacks)), settings, service="aftercall")
