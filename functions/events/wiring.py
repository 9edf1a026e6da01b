"""The way from AWS Lambda to the handler of an event-driven function."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.events import FIGURES, EventHandler
from functions.recording import Meter, json_logger, log
from offhook.settings import Settings

EVENT_ROUTE = "event"


def lambda_handler(
    handle: EventHandler, settings: Settings, *, service: str
) -> Callable[[dict[str, Any], LambdaContext], Mapping[str, Any]]:
    """Return the handler that AWS Lambda calls with messages of a queue, or on a schedule."""
    logger = json_logger(settings, service)
    meter = Meter(namespace=settings.metrics_namespace, service=service)

    @logger.inject_lambda_context(log_event=False, clear_state=True)
    def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        return _recorded(handle, meter, event, context)

    return handler


def _recorded(
    handle: EventHandler, meter: Meter, event: dict[str, Any], context: LambdaContext
) -> dict[str, Any]:
    """Return the answer to an event; the messages that failed are its errors."""
    started = perf_counter()
    failed = 1
    try:
        answer = handle(event, context)
        failed = len(answer.get("batchItemFailures", []))
        if figures := answer.pop(FIGURES, None):
            meter.tell(figures)
    finally:
        duration_ms = (perf_counter() - started) * 1000
        log("event handled", duration_ms, messages=len(event.get("Records", [])), failed=failed)
        meter.count(EVENT_ROUTE, failed, duration_ms)
    return answer
