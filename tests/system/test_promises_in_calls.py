"""A call-back that is promised in a real call stands in its log, and on its run once it is over."""

from datetime import timedelta

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import PromiseEvent
from offhook.runs.model import PromiseStatus, RunStatus
from tests.support.phone import dial
from tests.support.town import Town, hear_greeting, hearing


@pytest.fixture
def workflow() -> JsonObject:
    """An agent that promises to call again whatever is said."""
    node: JsonObject = {
        "name": "Busy",
        "say": "We are busy. We call you back.",
        "call_back": {"in_minutes": 90, "reason": "Busy."},
    }
    return {"nodes": [{"id": "busy", "type": "startCall", "data": node}], "edges": []}


async def test_a_node_promises_a_call_back(town: Town) -> None:
    async with town.streamer(engines=hearing()) as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status is RunStatus.COMPLETED)
    [said] = [entry for entry in town.log if isinstance(entry.event, PromiseEvent)]
    promise = town.stored_run.promise
    assert promise is not None
    assert (promise.reason, promise.status, promise.run_id) == ("Busy.", PromiseStatus.PENDING, None)
    assert promise.at is not None
    assert abs(promise.at - said.at - timedelta(minutes=90)) < timedelta(milliseconds=2)
    assert town.stored_run.is_owing
