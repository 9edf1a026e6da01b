"""The reaper as a handler of a schedule's events."""

import logging
from typing import Any

from functions.events import EventHandler
from offhook.errors import OffhookError
from offhook.runs.reaping.reaper import Reaper

logger = logging.getLogger("offhook.reaper")


def create_handler(reaper: Reaper) -> EventHandler:
    """Return the handler; what it can't do now it does at the next tick."""

    def handler(_: dict[str, Any], __: Any) -> dict[str, Any]:
        try:
            reaper.tick()
        except OffhookError as error:
            logger.warning("tick cut short", extra={"code": error.code})
        return {}

    return handler
