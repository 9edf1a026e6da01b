"""How full this process is, as CloudWatch's embedded metrics: what the service scales by, and alarms watch.

Powertools' metrics are made for one invocation at a time, and the streamer does not carry them.
"""

import asyncio
import json
from collections.abc import Callable

from offhook.clock import Clock, system_clock

SERVICE = "streamer"
"""What tells us from the functions, in whose namespace we write."""

INTERVAL_S = 10.0

_UNITS = {"Calls": "Count", "Slots": "Count", "SlotUtilisation": "Percent"}


async def publish(
    calls: Callable[[], int],
    slots: int,
    *,
    namespace: str,
    interval_s: float = INTERVAL_S,
    clock: Clock = system_clock,
) -> None:
    """Write one line to stdout at once and every 10 s, until it is cancelled."""
    while True:
        print(json.dumps(embedded(calls(), slots, clock, namespace=namespace)), flush=True)  # noqa: T201 - CloudWatch reads this
        await asyncio.sleep(interval_s)


def embedded(calls: int, slots: int, clock: Clock, *, namespace: str) -> dict[str, object]:
    """Return the figures of this moment in the Embedded Metric Format; utilisation is in percent of the slots."""
    directive = {
        "Namespace": namespace,
        "Dimensions": [["service"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()],
    }
    return {
        "_aws": {"Timestamp": round(clock().timestamp() * 1000), "CloudWatchMetrics": [directive]},
        "service": SERVICE,
        "Calls": calls,
        "Slots": slots,
        "SlotUtilisation": round(100 * calls / slots, 1),
    }
