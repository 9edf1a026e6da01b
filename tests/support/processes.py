"""Processes seen through /proc: who came from whom, and who still lives."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Known:
    """One process; its start time tells it from a later one with the same number."""

    pid: int
    started: str


def descendants(pid: int) -> list[Known]:
    """Return the children of a process, theirs, and so on."""
    children: dict[int, list[Known]] = {}
    for known, parent in _all():
        children.setdefault(parent, []).append(known)
    family, unseen = [], [pid]
    while unseen:
        born = children.get(unseen.pop(), [])
        family += born
        unseen += [known.pid for known in born]
    return family


def is_alive(known: Known) -> bool:
    """Say whether it still runs; one that only waits to be noticed does not."""
    fields = _fields(known.pid)
    return fields is not None and fields[0] != "Z" and fields[19] == known.started


def command_of(known: Known) -> list[str]:
    """Return its command line."""
    return Path(f"/proc/{known.pid}/cmdline").read_text().split("\0")


def listening_ports(pid: int) -> list[int]:
    """Return the ports of IPv4 at which a process listens."""
    held = {_target(each) for each in Path(f"/proc/{pid}/fd").iterdir()}
    sockets = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return [
        int(fields[1].partition(":")[2], 16)
        for fields in sockets
        if fields[3] == _LISTENING and f"socket:[{fields[9]}]" in held
    ]


def wait_for(condition: Callable[[], bool], limit_s: float) -> None:
    """Wait until this is true; fail after the limit."""
    started = time.monotonic()
    while not condition():
        waited_s = time.monotonic() - started
        assert waited_s < limit_s, f"it did not come true within {limit_s:.0f} seconds"
        # Each look costs what is waited for some of the processors: those twenty a second cost more than a call.
        time.sleep(min(max(_SHORTEST_PAUSE_S, waited_s / 10), _LONGEST_PAUSE_S))


def _target(link: Path) -> str:
    """Return where a link leads; nowhere when it is gone."""
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


def _all() -> Iterator[tuple[Known, int]]:
    """Yield every process with its parent's number."""
    for entry in Path("/proc").iterdir():
        fields = _fields(int(entry.name)) if entry.name.isdigit() else None
        if fields is not None:
            yield Known(pid=int(entry.name), started=fields[19]), int(fields[1])


def _fields(pid: int) -> list[str] | None:
    """Return what /proc says of a process from its state on; None when it is gone."""
    try:
        # The name before it, in parentheses, may itself hold any character.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
