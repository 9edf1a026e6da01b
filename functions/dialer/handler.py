"""Entrypoint of the dialer on AWS Lambda."""

from functions.dialer.app import create_handler
from functions.dialer.services import DialerServices
from functions.http.wiring import make_ender, open_store, queue_handler, read_settings
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.adapters.sqs.queue import SqsQueue
from offhook.clock import system_clock
from offhook.runs.placing.dialing import Dialing
from offhook.runs.placing.queued import QueuedCalls
from offhook.telephony.links import CarrierLinks

settings = read_settings()
store = open_store(settings)
calls = QueuedCalls(
    runs=store.runs,
    ledgers=store.ledgers,
    ender=make_ender(settings, store),
    dials=SqsQueue(settings.dial_queue_url),
    pace=store.pace,
    agents=store.agents,
    telephony=store.telephony,
    secret_box=KmsSecretBox(settings.kms_key_id),
    dialing=Dialing(
        runs=store.runs,
        carrier=CloudonixClient(settings.cloudonix_url),
        links=CarrierLinks(settings.public_base_url, settings.install_secret),
    ),
)
services = DialerServices(calls=calls, clock=system_clock)
handler = queue_handler(create_handler(services), settings, service="dialer")
