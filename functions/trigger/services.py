"""What the trigger function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.agents.ports import AgentRepository
from offhook.ports import Ports
from offhook.runs.placing.dialing import Dialing
from offhook.runs.placing.placer import CallPlacer


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerServices(HttpServices):
    """Enough to find an agent and to place a call."""

    agents: AgentRepository
    placer: CallPlacer


def make_services(ports: Ports) -> TriggerServices:
    """Compose them."""
    store = ports.store
    return TriggerServices(
        **http_parts(ports),
        agents=store.agents,
        placer=CallPlacer(
            ender=ports.ender,
            dials=ports.dials,
            pace=store.pace,
            do_not_call=store.do_not_call,
            telephony=store.telephony,
            secret_box=ports.secret_box,
            dialing=Dialing(runs=store.runs, carrier=ports.carrier, links=ports.links),
            addresses=ports.addresses,
        ),
    )
