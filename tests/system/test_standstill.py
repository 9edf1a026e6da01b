"""A campaign that stands still is told, for an alarm to look at."""

import json
from dataclasses import replace
from typing import Any

from functions.events import FIGURES
from functions.feeder.app import create_handler
from functions.feeder.services import make_services
from offhook.errors import LimitReachedError
from tests.support.campaigning import MakeCampaign


class FullLedgers:
    """Ledgers of an organization that takes no call."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stored, name)

    def enqueue(self, *_: object) -> None:
        raise LimitReachedError("Too many calls wait.", code="queue-full", retry_after_seconds=60)


def test_a_campaign_that_could_call_somebody_and_begins_no_call_is_told_to_stand_still(
    start: MakeCampaign,
) -> None:
    stage = start(contacts=1)
    order = {"organization_id": stage.campaign.organization_id, "campaign_id": stage.campaign.id}
    body = json.dumps({**order, "work": "feed"})
    event = {"Records": [{"messageId": "m1", "body": body}]}

    def standing() -> Any:
        answer = create_handler(make_services(stage.ports))(event, None)
        assert answer["batchItemFailures"] == []
        return answer[FIGURES]["CampaignsStandingStill"]

    ender = stage.ports.ender
    full: Any = FullLedgers(ender.ledgers)
    stage.ports.ender = replace(ender, ledgers=full)
    assert standing() == 1
    stage.ports.ender = ender
    stage.clock.move(minutes=5)
    assert standing() == 0
    assert len(stage.runs) == 1
