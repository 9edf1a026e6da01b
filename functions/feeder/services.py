"""What the feeder is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from offhook.campaigns.calling import AttemptCaller
from offhook.campaigns.feeding import Feeder
from offhook.campaigns.looking import Lookout
from offhook.campaigns.newcomers import PageReader
from offhook.campaigns.notices import Notices
from offhook.campaigns.ports import CampaignWork
from offhook.campaigns.waking import CampaignWaker
from offhook.clock import Clock
from offhook.ports import Ports
from offhook.waking import Tick, WakeKind

Work = Callable[[str, str, int, datetime], None]
"""Does something for a campaign, given its organization's id, its own, and the number of an import or an export.

What is not done at the instant that comes last is left to another message, which it sends.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederServices:
    """Enough for what is asked of campaigns by messages and by the clock."""

    works: Mapping[CampaignWork, Work]
    tick: Tick
    clock: Clock
    standstills: list[str]


def make_services(ports: Ports) -> FeederServices:
    """Compose them."""
    standstills: list[str] = []
    feeder = _feeder(ports, standstills.append)
    works: dict[CampaignWork, Work] = {
        CampaignWork.FEED: lambda organization_id, campaign_id, _, __: feeder.feed(
            organization_id, campaign_id
        ),
        CampaignWork.IMPORT: _in_steps(ports, CampaignWork.IMPORT, ports.importer.go_on),
        CampaignWork.EXPORT: _in_steps(ports, CampaignWork.EXPORT, ports.exporter.go_on),
        CampaignWork.REMOVE: lambda organization_id, campaign_id, _, until: ports.campaign_remover.go_on(
            organization_id, campaign_id, until
        ),
    }
    wakes = ports.store.wakes
    tick = Tick(
        wakes=wakes,
        wakers={
            WakeKind.CAMPAIGN: CampaignWaker(wakes=wakes, campaigns=ports.campaign_queue),
            WakeKind.RUN: ports.scheduled_runs,
        },
        clock=ports.clock,
    )
    return FeederServices(works=works, tick=tick, clock=ports.clock, standstills=standstills)


def _in_steps(ports: Ports, work: CampaignWork, go_on: Callable[[str, str, int, datetime], bool]) -> Work:
    """Return work of which what is not done in time is left to another message."""

    def do(organization_id: str, campaign_id: str, number: int, until: datetime) -> None:
        if not go_on(organization_id, campaign_id, number, until):
            ports.campaign_queue.send(organization_id, campaign_id, work, number=number)

    return do


def _feeder(ports: Ports, on_standstill: Callable[[str], None]) -> Feeder:
    store = ports.store
    caller = AttemptCaller(
        organizations=store.organizations,
        agents=store.agents,
        telephony=store.telephony,
        ender=ports.ender,
        attempts=store.attempts,
        dials=ports.dials,
    )
    lookout = Lookout(
        campaigns=store.campaigns,
        attempts=store.attempts,
        runs=store.runs,
        pages=PageReader(store.contacts),
        caller=caller,
        accounts=ports.campaign_accounts,
    )
    return Feeder(
        campaigns=store.campaigns,
        contacts=store.contacts,
        attempts=store.attempts,
        lookout=lookout,
        notices=Notices(
            campaigns=store.campaigns,
            attempts=store.attempts,
            courier=ports.courier,
            install_secret=ports.install_secret.current,
        ),
        queue=ports.campaign_queue,
        wakes=store.wakes,
        clock=ports.clock,
        on_standstill=on_standstill,
    )
