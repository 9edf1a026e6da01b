"""Entrypoint of the reaper on AWS Lambda."""

from pathlib import Path

from functions.http.wiring import make_ender, open_store, queue_handler, read_settings
from functions.reaper.app import create_handler
from functions.reaper.services import ReaperServices
from offhook.adapters.carriers.paced import PacedCarrier
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.adapters.s3.media import S3Media
from offhook.adapters.sqs.queue import SqsQueue
from offhook.clock import system_clock
from offhook.runs.carrier.hangup import CarrierCalls
from offhook.runs.ending.deletion import RunRemover
from offhook.runs.ending.prices import built_in_prices, parse_prices
from offhook.runs.reaping.orphans import OrphanSettler
from offhook.runs.reaping.reaper import Reaper
from offhook.runs.reaping.reattaching import Reattacher
from offhook.telephony.links import CarrierLinks

settings = read_settings()
store = open_store(settings)
media = S3Media(settings.media_bucket)
ender = make_ender(settings, store)
calls = CarrierCalls(
    telephony=store.telephony,
    secret_box=KmsSecretBox(settings.kms_key_id),
    carrier=PacedCarrier(CloudonixClient(settings.cloudonix_url), store.pace),
)
reaper = Reaper(
    ender=ender,
    settler=OrphanSettler(
        ender=ender,
        log=store.events,
        media=media,
        prices=parse_prices(Path(settings.price_list).read_text())
        if settings.price_list
        else built_in_prices(),
        clock=system_clock,
    ),
    reattacher=Reattacher(
        runs=store.runs,
        log=store.events,
        calls=calls,
        links=CarrierLinks(settings.public_base_url, settings.install_secret),
        clock=system_clock,
    ),
    remover=RunRemover(
        runs=store.runs, ledgers=store.ledgers, log=store.events, media=media, audit=store.audit
    ),
    calls=calls,
    dials=SqsQueue(settings.dial_queue_url),
    aftercalls=SqsQueue(settings.aftercall_queue_url),
    clock=system_clock,
)
handler = queue_handler(create_handler(ReaperServices(reaper=reaper)), settings, service="reaper")
