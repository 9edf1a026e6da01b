"""What the aftercall function is made of."""

from functions.aftercall.judge import ModelJudge
from offhook.ports import Ports
from offhook.runs.ending.aftercall import Aftercall
from offhook.runs.ending.deliveries import Deliverer
from offhook.runs.ending.packing import RunPacker
from offhook.runs.ending.reviewing import Reviewer
from offhook.tools.presenting import Wallet


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
    reviewer = Reviewer(
        runs=store.runs,
        agents=store.agents,
        log=store.events,
        judge=ModelJudge(ports.models),
        prices=ports.prices,
        aftercalls=ports.aftercalls,
        clock=clock,
    )
    return Aftercall(
        runs=store.runs,
        ledgers=store.ledgers,
        aftercalls=ports.aftercalls,
        reviewer=reviewer,
        deliverer=deliverer,
        clock=clock,
    )
