"""What a route that makes a run is given: the id of the run, and whether a try before may have made it."""

from datetime import datetime

from functions.http.idempotency.intent import Intent
from offhook.clock import Clock
from offhook.ids import new_run_id
from offhook.runs.placing.orders import RunNumber


def some_run_id(now: datetime) -> str:
    """Return the id of a new run as a text."""
    return str(new_run_id(now))


def run_number(intent: Intent, clock: Clock) -> RunNumber:
    """Return the id that the intent has for its run."""

    def another() -> int:
        run_id = new_run_id(clock())
        intent.rebind(str(run_id))
        return run_id

    return RunNumber(run_id=int(intent.resource_id), is_repeated=intent.is_repeated, another=another)
