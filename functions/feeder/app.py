"""The feeder as a handler of two kinds of events: messages that name a campaign and what is to be done for it, and the tick."""

import logging
from datetime import timedelta
from typing import Any

from pydantic import Field

from functions.events import FIGURES, EventHandler
from functions.events.messages import Body, each_message
from functions.feeder.services import FeederServices
from offhook.campaigns.ports import CampaignWork
from offhook.errors import OffhookError

logger = logging.getLogger("offhook.feeder")

LIMIT = timedelta(seconds=20)
"""After so long a file that is not through goes on with the next message, for others wait for the function."""


class Order(Body):
    """A message: `{"organization_id": "…", "campaign_id": "…", "work": "feed", "number": 0}`."""

    organization_id: str
    campaign_id: str
    work: CampaignWork
    number: int = Field(default=0, ge=0, strict=True)

    @property
    def fields(self) -> dict[str, Any]:
        return {"campaign_id": self.campaign_id, "work": self.work.value}


def create_handler(services: FeederServices) -> EventHandler:
    """Return the handler; a message that it fails at is answered as failed, and comes again."""
    messages = each_message(Order, lambda order: _do(services, order))

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        if "Records" not in event:
            return _tick(services)
        answer = messages(event, context)
        figures = {"CampaignsStandingStill": float(len(services.standstills))}
        services.standstills.clear()
        return {**answer, FIGURES: figures}

    return handler


def _do(services: FeederServices, order: Order) -> None:
    until = services.clock() + LIMIT
    services.works[order.work](order.organization_id, order.campaign_id, order.number, until)


def _tick(services: FeederServices) -> dict[str, Any]:
    try:
        lateness = services.tick.run()
    except OffhookError as error:
        # The next one is a minute away.
        logger.warning("tick cut short", extra={"code": error.code})
        return {}
    return {FIGURES: {"WakeLateness": lateness.total_seconds()}}
