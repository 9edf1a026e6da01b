"""Whether what is due is begun: scheduled calls and campaigns, which the feeder looks after each minute."""

from collections.abc import Iterator
from datetime import timedelta

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from offhook.adapters.dynamodb.store import connect
from offhook.clock import system_clock
from offhook.errors import StorageError
from offhook.settings import Settings

# The feeder comes each minute, and may be held up by one that is at work.
_LATE = timedelta(minutes=5)


def look_at_wakes(_clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Look how long the one that was due first has waited; tables that can't be read are told of by themselves."""
    now = system_clock()
    try:
        first = next(connect(settings).wakes.due(now, limit=1), None)
    except StorageError:
        return
    if first is None or now - first.due_at < _LATE:
        yield well("wakes", "nothing that is due waits")
        return
    minutes = (now - first.due_at) // timedelta(minutes=1)
    yield ill(
        "wakes",
        f"a {first.kind} was due {minutes} minutes ago and was not begun: see that the rule that calls the feeder every "
        "minute is enabled, then read the feeder's log",
    )
