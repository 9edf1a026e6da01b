"""What the sessions function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.agents.ports import AgentRepository
from offhook.ports import Ports
from offhook.runs.carrier.hangup import HangUps
from offhook.runs.placing.creating import RunCreator
from offhook.runs.ports import EventLog, RunRepository
from offhook.sessions.beginning import SessionBeginner
from offhook.sessions.deployments import Deployments
from offhook.sessions.listing import SessionLister
from offhook.sessions.mailbox import Commander
from offhook.sessions.tokens import SessionTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsServices(HttpServices):
    """Enough to show workflows and sessions, and to reach those that live."""

    agents: AgentRepository
    deployments: Deployments
    runs: RunRepository
    events: EventLog
    beginner: SessionBeginner
    lister: SessionLister
    hang_ups: HangUps
    commander: Commander
    tokens: SessionTokens
    public_base_url: str


def make_services(ports: Ports) -> SessionsServices:
    """Compose them."""
    store = ports.store
    return SessionsServices(
        **http_parts(ports),
        agents=store.agents,
        deployments=Deployments(stored=store.deployments, agents=store.agents, clock=ports.clock),
        runs=store.runs,
        events=store.events,
        beginner=SessionBeginner(creator=RunCreator(ender=ports.ender), organizations=store.organizations),
        lister=SessionLister(runs=store.runs, ledgers=store.ledgers, clock=ports.clock),
        hang_ups=ports.hang_ups,
        commander=ports.commander,
        tokens=ports.session_tokens,
        public_base_url=ports.settings.public_base_url,
    )
