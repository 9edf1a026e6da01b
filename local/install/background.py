"""The functions that no request calls, fed as on AWS: what is queued is dialled, what is owed delivered, what is lost found."""

from pathlib import Path

from functions.aftercall.app import create_handler as create_aftercall
from functions.aftercall.services import AftercallServices
from functions.dialer.app import create_handler as create_dialer
from functions.dialer.services import DialerServices
from functions.reaper.app import create_handler as create_reaper
from functions.reaper.services import ReaperServices
from local.aws.event_sources import EventSources, QueueSource, Schedule
from local.install.rest import RestServices
from offhook.adapters.http.guarded_client import GuardedClient
from offhook.runs.carrier.hangup import CarrierCalls
from offhook.runs.ending.callbacks import CallbackDelivery
from offhook.runs.ending.deletion import RunRemover
from offhook.runs.ending.prices import PriceList, built_in_prices, parse_prices
from offhook.runs.ports import Courier
from offhook.runs.reaping.orphans import OrphanSettler
from offhook.runs.reaping.reaper import TICK, Reaper
from offhook.runs.reaping.reattaching import Reattacher
from offhook.settings import Settings


def event_sources(services: RestServices, settings: Settings) -> EventSources:
    """Connect the functions to their queues and to the clock."""
    dialer = create_dialer(DialerServices(calls=services.queued_calls, clock=services.clock))
    delivery = callback_delivery(services, GuardedClient(services.addresses))
    aftercall = create_aftercall(AftercallServices(callbacks=delivery))
    reaper = create_reaper(ReaperServices(reaper=make_reaper(services, read_prices(settings))))
    return EventSources(
        queues=[
            QueueSource(function_name="dialer", url=settings.dial_queue_url, handler=dialer),
            QueueSource(function_name="aftercall", url=settings.aftercall_queue_url, handler=aftercall),
        ],
        schedules=[Schedule(function_name="reaper", every_seconds=TICK.total_seconds(), handler=reaper)],
    )


def callback_delivery(services: RestServices, courier: Courier) -> CallbackDelivery:
    """Return what delivers callbacks."""
    return CallbackDelivery(
        runs=services.store.runs,
        ledgers=services.store.ledgers,
        aftercalls=services.aftercalls,
        courier=courier,
        media=services.media,
        clock=services.clock,
        install_secret=services.install_secret,
    )


def orphan_settler(services: RestServices, prices: PriceList) -> OrphanSettler:
    """Return what settles runs whose process is gone."""
    return OrphanSettler(
        ender=services.ender,
        log=services.store.events,
        media=services.media,
        prices=prices,
        clock=services.clock,
    )


def make_reaper(services: RestServices, prices: PriceList) -> Reaper:
    """Return the reaper."""
    store = services.store
    calls = CarrierCalls(telephony=store.telephony, secret_box=services.secret_box, carrier=services.carrier)
    return Reaper(
        ender=services.ender,
        settler=orphan_settler(services, prices),
        reattacher=Reattacher(
            runs=store.runs, log=store.events, calls=calls, links=services.links, clock=services.clock
        ),
        remover=RunRemover(
            runs=store.runs,
            ledgers=store.ledgers,
            log=store.events,
            media=services.media,
            audit=store.audit,
        ),
        calls=calls,
        dials=services.dials,
        aftercalls=services.aftercalls,
        clock=services.clock,
    )


def read_prices(settings: Settings) -> PriceList:
    """Return the operator's price list, else the built-in one."""
    return parse_prices(Path(settings.price_list).read_text()) if settings.price_list else built_in_prices()
