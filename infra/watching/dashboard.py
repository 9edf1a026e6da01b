"""One page with what an operator looks at first."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import Configuration
from infra.queues import Queues
from infra.watching import metrics
from infra.watching.metrics import FIVE_MINUTES, MINUTE, Metrics

_HALF, _WHOLE = 12, 24
# As often as each streamer writes its figures.
_FIGURES_PER_MINUTE = 6


class Dashboard(Construct):
    """Alarms, calls and slots, requests, queues, speech."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Configuration,
        alarms: Sequence[cloudwatch.Alarm],
        functions: Mapping[str, lambda_.Function],
        queues: Queues,
    ) -> None:
        super().__init__(scope, id_)
        failures = [metrics.failures(room, function) for room, function in functions.items()]
        fullness = metrics.streamer_figure(config, "SlotUtilisation", "Average")
        cloudwatch.Dashboard(
            self,
            "Page",
            default_interval=Duration.hours(6),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_WHOLE, height=4)],
                [
                    _graph(
                        "Calls, and slots for calls", [_of_all(config, "Calls"), _of_all(config, "Slots")]
                    ),
                    _graph("Slots taken, in percent", [fullness]),
                ],
                [
                    _graph("Requests by route", [_by_route(config, "Requests", "Sum")]),
                    _graph("Latency by route, p95 in ms", [_by_route(config, "Latency", "p95")]),
                ],
                [
                    _graph("Functions that failed or were throttled", failures),
                    _graph("Oldest message, in seconds", _waits(queues)),
                ],
                [
                    _graph("Campaigns that stand still", [metrics.standing_campaigns(config)]),
                    _graph(
                        "Speech refused",
                        [
                            *map(metrics.refused_streams, ("LimitExceededCount", "ThrottledCount")),
                            metrics.refused_speech(),
                        ],
                    ),
                ],
            ],
        )


def _graph(title: str, left: Metrics) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=left, width=_HALF)


def _of_all(config: Configuration, name: str) -> cloudwatch.MathExpression:
    """Return the sum of what all streamers say of themselves at a time."""
    return cloudwatch.MathExpression(
        expression=f"{name.lower()} / {_FIGURES_PER_MINUTE}",
        using_metrics={name.lower(): metrics.streamer_figure(config, name, "Sum")},
        period=MINUTE,
        label=name,
    )


def _by_route(config: Configuration, name: str, statistic: str) -> cloudwatch.MathExpression:
    """Return what functions count of themselves (`functions/recording.py`), whichever routes there are."""
    search = (
        f"SEARCH('{{{config.metrics_namespace},route,service}} MetricName=\"{name}\"', '{statistic}', 300)"
    )
    return cloudwatch.MathExpression(expression=search, using_metrics={}, period=FIVE_MINUTES, label="")


def _waits(queues: Queues) -> Metrics:
    return [
        work.queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic="Maximum", label=label)
        for label, work in queues.by_name.items()
    ]
