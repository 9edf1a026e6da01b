"""What the reaper is made of."""

from dataclasses import dataclass

from offhook.ports import Ports
from offhook.runs.reaping.orphans import OrphanSettler
from offhook.runs.reaping.reaper import Reaper
from offhook.runs.reaping.reattaching import Reattacher


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperServices:
    """Enough to look after the runs of all organizations."""

    reaper: Reaper


def make_services(ports: Ports) -> ReaperServices:
    """Compose them."""
    log, clock = ports.store.events, ports.clock
    reaper = Reaper(
        ender=ports.ender,
        settler=OrphanSettler(settler=ports.settler),
        reattacher=Reattacher(
            runs=ports.store.runs, log=log, calls=ports.calls, links=ports.links, clock=clock
        ),
        remover=ports.remover,
        calls=ports.calls,
        dials=ports.dials,
        aftercalls=ports.aftercalls,
        clock=clock,
    )
    return ReaperServices(reaper=reaper)
