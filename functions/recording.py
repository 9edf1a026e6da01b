"""What is recorded of every request and event on AWS: one log line, and metrics in CloudWatch's embedded format.

Neither holds a path, a query, a body or a number: paths carry tokens, and the others what callers said.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import utils
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from offhook.library_logs import quieten_libraries
from offhook.settings import Settings

_logger = logging.getLogger("offhook.requests")


def json_logger(settings: Settings, service: str) -> Logger:
    """Return the logger of a function, whose form that of the product's own loggers becomes: JSON, with the request's id."""
    quieten_libraries()
    logger = Logger(service=service, level=settings.log_level, log_uncaught_exceptions=False)
    utils.copy_config_to_registered_loggers(source_logger=logger, include={"offhook"})
    return logger


def log(message: str, duration_ms: float, **fields: object) -> None:
    """Write the line; fields that are None are left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    _logger.info(message, extra={**known, "duration_ms": round(duration_ms, 1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Counts what one function answers."""

    namespace: str
    service: str

    def count(self, route: str, errors: int, duration_ms: float) -> None:
        """Write the metrics of one request or event."""
        metrics = EphemeralMetrics(namespace=self.namespace, service=self.service)
        metrics.add_dimension("route", route)
        metrics.add_metric("Requests", MetricUnit.Count, 1)
        metrics.add_metric("Errors", MetricUnit.Count, errors)
        metrics.add_metric("Latency", MetricUnit.Milliseconds, duration_ms)
        metrics.flush_metrics()

    def tell(self, figures: Mapping[str, float]) -> None:
        """Write figures of the function's own, such as alarms look at; one that is not told for a while is missed."""
        metrics = EphemeralMetrics(namespace=self.namespace, service=self.service)
        for name, value in figures.items():
            metrics.add_metric(name, MetricUnit.NoUnit, value)
        metrics.flush_metrics()
