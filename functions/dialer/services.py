"""What the dialer is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from offhook.clock import Clock
from offhook.ports import Ports
from offhook.runs.placing.dialing import Dialing
from offhook.runs.placing.queued import QueuedCalls

if TYPE_CHECKING:
    from offhook.campaigns.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class DialerServices:
    """Enough to dial what waits for it."""

    calls: QueuedCalls
    clock: Clock


def make_services(ports: Ports) -> DialerServices:
    """Compose them."""
    store = ports.store
    calls = QueuedCalls(
        ender=ports.ender,
        dials=ports.dials,
        pace=store.pace,
        do_not_call=store.do_not_call,
        organizations=store.organizations,
        agents=store.agents,
        telephony=store.telephony,
        campaigns=cache(partial(_gate, ports)),
        secret_box=ports.secret_box,
        dialing=Dialing(runs=store.runs, carrier=ports.carrier, links=ports.links),
    )
    return DialerServices(calls=calls, clock=ports.clock)


def _gate(ports: Ports) -> Gate:
    # Calling hours and what they know of countries are a part of the function's start.
    from offhook.campaigns.gate import Gate

    return Gate(campaigns=ports.store.campaigns, dialled_today=ports.store.dialled_today)
