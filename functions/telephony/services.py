"""What the telephony function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.ports import Ports
from offhook.runs.carrier.announced import AnnouncedCalls
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.incoming import CallTaker
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ports import RunRepository
from offhook.runs.reaping.orphans import OrphanSettler
from offhook.telephony.links import CarrierLinks
from offhook.telephony.numbers import Numbers
from offhook.telephony.ports import Carrier, SecretBox, TelephonyRepository

SECOND_LOOK_S = 6.0
"""How long after the first look at a lease the second one is: a streamer renews it every 5 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyServices(HttpServices):
    """Enough to manage configurations and numbers, and to answer the carrier about calls and their runs."""

    telephony: TelephonyRepository
    numbers: Numbers
    secret_box: SecretBox
    carrier: Carrier
    dialects: Dialects
    announced: AnnouncedCalls
    runs: RunRepository
    ender: RunEnder
    links: CarrierLinks
    orphans: OrphanSettler
    second_look_s: float = SECOND_LOOK_S


def make_services(ports: Ports) -> TelephonyServices:
    """Compose them."""
    store = ports.store
    announced = AnnouncedCalls(
        runs=store.runs,
        agents=store.agents,
        telephony=store.telephony,
        secret_box=ports.secret_box,
        carrier=ports.carrier,
        taker=CallTaker(runs=store.runs, ledgers=store.ledgers, organizations=store.organizations),
    )
    return TelephonyServices(
        **http_parts(ports),
        telephony=store.telephony,
        numbers=Numbers(
            telephony=store.telephony,
            agents=store.agents,
            secret_box=ports.secret_box,
            carrier=ports.carrier,
        ),
        secret_box=ports.secret_box,
        carrier=ports.carrier,
        dialects=ports.dialects,
        announced=announced,
        runs=store.runs,
        ender=ports.ender,
        links=ports.links,
        orphans=OrphanSettler(settler=ports.settler),
    )
