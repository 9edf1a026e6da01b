"""The reaper as a handler of a schedule's events."""

import logging
from collections.abc import Callable
from typing import Any

from functions.reaper.services import ReaperServices
from offhook.errors import OffhookError

logger = logging.getLogger("offhook.reaper")

ScheduleHandler = Callable[[dict[str, Any], Any], dict[str, Any]]
"""Takes an event of a schedule, whatever is in it, and Lambda's context; returns an empty object."""


def create_handler(services: ReaperServices) -> ScheduleHandler:
    """Return the handler; what it can't do now it does at the next tick."""

    def handler(_: dict[str, Any], __: Any) -> dict[str, Any]:
        try:
            services.reaper.tick()
        except OffhookError as error:
            logger.warning("tick cut short", extra={"code": error.code})
        return {}

    return handler
