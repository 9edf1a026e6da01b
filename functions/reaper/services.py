"""What the reaper is made of."""

from offhook.ports import Ports
from offhook.runs.reaping.orphans import OrphanSettler
from offhook.runs.reaping.reaper import Reaper
from offhook.runs.reaping.reattaching import Reattacher


def make_services(ports: Ports) -> Reaper:
    """Compose what looks after the runs of all organizations."""
    log, clock = ports.store.events, ports.clock
    return Reaper(
        ender=ports.ender,
        settler=OrphanSettler(settler=ports.settler),
        reattacher=Reattacher(
            runs=ports.store.runs, log=log, calls=ports.calls, links=ports.links, clock=clock
        ),
        remover=ports.remover,
        dials=ports.dials,
        aftercalls=ports.aftercalls,
        clock=clock,
    )
