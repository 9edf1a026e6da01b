"""What the runs function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from functions.runs.waiting import Waits
from offhook.agents.ports import AgentRepository
from offhook.campaigns.ports import Campaigns
from offhook.ports import Ports
from offhook.runs.carrier.hangup import HangUps
from offhook.runs.ending.asking import Reviews
from offhook.runs.ending.deletion import RunRemover
from offhook.runs.ending.prices import PriceList
from offhook.runs.ports import EventLog, MediaStore, RunRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsServices(HttpServices):
    """Enough to show, end and delete runs, with their logs and what was recorded."""

    agents: AgentRepository
    campaigns: Campaigns
    runs: RunRepository
    events: EventLog
    media: MediaStore
    hang_ups: HangUps
    remover: RunRemover
    prices: PriceList
    reviews: Reviews
    waits: Waits


def make_services(ports: Ports) -> RunsServices:
    """Compose them."""
    store = ports.store
    return RunsServices(
        **http_parts(ports),
        agents=store.agents,
        campaigns=store.campaigns,
        runs=store.runs,
        events=store.events,
        media=ports.media,
        hang_ups=ports.hang_ups,
        remover=ports.remover,
        prices=ports.prices,
        waits=Waits(places=store.waits, clock=ports.clock),
        reviews=Reviews(
            runs=store.runs, agents=store.agents, ledgers=store.ledgers, aftercalls=ports.aftercalls
        ),
    )
