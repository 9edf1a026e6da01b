"""What the aftercall function is made of."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from offhook.ports import Ports
from offhook.runs.ending.aftercall import Aftercall
from offhook.runs.ending.deliveries import Deliverer
from offhook.runs.ending.do_not_call import Refusals
from offhook.runs.ending.packing import RunPacker
from offhook.tools.presenting import Wallet

if TYPE_CHECKING:
    from offhook.runs.ending.reviewing import Reviewer
    from offhook.runs.placing.promised import PromiseKeeper


def make_services(ports: Ports) -> Aftercall:
    """Compose what follows finished runs."""
    store, clock = ports.store, ports.clock
    packer = RunPacker(
        agents=store.agents,
        media=ports.media,
        presenter=Wallet(credentials=store.credentials, secret_box=ports.secret_box),
        clock=clock,
    )
    deliverer = Deliverer(
        runs=store.runs,
        aftercalls=ports.aftercalls,
        courier=ports.courier,
        packer=packer,
        clock=clock,
        install_secret=ports.install_secret.current,
    )
    # Few calls end with a promise.
    keeper = cache(partial(_promise_keeper, ports))
    return Aftercall(
        runs=store.runs,
        ledgers=store.ledgers,
        aftercalls=ports.aftercalls,
        refusals=Refusals(runs=store.runs, do_not_call=store.do_not_call, clock=clock),
        keep_promise=lambda run: keeper().keep(run),
        reviewer=cache(partial(_reviewer, ports)),
        deliverer=deliverer,
        campaigns=lambda: ports.campaign_accounts,
        clock=clock,
    )


def _promise_keeper(ports: Ports) -> PromiseKeeper:
    from offhook.runs.placing.promised import PromiseKeeper

    store = ports.store
    return PromiseKeeper(
        runs=store.runs,
        agents=store.agents,
        organizations=store.organizations,
        telephony=store.telephony,
        clock=ports.clock,
    )


def _reviewer(ports: Ports) -> Reviewer:
    # Models and their questions take a tenth of the function's start.
    from functions.aftercall.judge import ModelJudge
    from offhook.runs.ending.reviewing import Reviewer

    return Reviewer(
        runs=ports.store.runs,
        agents=ports.store.agents,
        log=ports.store.events,
        judge=ModelJudge(ports.models),
        prices=ports.prices,
        aftercalls=ports.aftercalls,
        clock=ports.clock,
    )
