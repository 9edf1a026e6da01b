"""What AWS counts of each part, in the sums and means that alarms and the dashboard look at."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

from infra.config import Configuration

Metrics = Sequence[cloudwatch.IMetric]

MINUTE = Duration.minutes(1)
FIVE_MINUTES = Duration.minutes(5)


def failures(room: str, function: lambda_.IFunction) -> cloudwatch.MathExpression:
    """Count the invocations that crashed, ran out of time or were not begun for want of concurrency."""
    return _sum(
        room,
        {
            f"{room}_errors": function.metric_errors(period=FIVE_MINUTES, statistic="Sum"),
            f"{room}_throttles": function.metric_throttles(period=FIVE_MINUTES, statistic="Sum"),
        },
    )


def table_throttles(table: dynamodb.ITable, label: str) -> cloudwatch.MathExpression:
    """Count what a table put off."""
    return _sum(
        label,
        {
            "reads": table.metric("ReadThrottleEvents", period=FIVE_MINUTES, statistic="Sum"),
            "writes": table.metric("WriteThrottleEvents", period=FIVE_MINUTES, statistic="Sum"),
        },
    )


def server_errors(api: apigateway.HttpApi) -> cloudwatch.Metric:
    """Count the requests that were answered with a 5xx."""
    return api.metric_server_error(period=FIVE_MINUTES, statistic="Sum")


def refused_speech() -> cloudwatch.Metric:
    """Count what Polly refused: more than the account's quota, mostly."""
    return cloudwatch.Metric(
        namespace="AWS/Polly",
        metric_name="4XXCount",
        dimensions_map={"Operation": "SynthesizeSpeech"},
        statistic="Sum",
        period=FIVE_MINUTES,
    )


def refused_streams(count: str) -> cloudwatch.MathExpression:
    """Return one of Transcribe's counts of what it refused, in whatever dimensions it counts.

    `LimitExceededCount`: more streams at a time than the quota; `ThrottledCount`: more begun a second.
    """
    return cloudwatch.MathExpression(
        expression=f'SELECT SUM({count}) FROM "AWS/Transcribe"',  # noqa: S608 - a metric's name
        using_metrics={},
        period=FIVE_MINUTES,
        label=f"Transcribe {count}",
    )


def streamer_figure(config: Configuration, name: str, statistic: str) -> cloudwatch.Metric:
    """One of the figures that the install's streamers publish themselves, every 10 s (`streamer/figures.py`)."""
    return _figure(config, name, statistic, period=MINUTE, service="streamer")


def wake_lateness(config: Configuration) -> cloudwatch.Metric:
    """Tell how many seconds what was due first has waited, of which the feeder tells at each tick (`functions/feeder`)."""
    return _figure(config, "WakeLateness", "Maximum", service="feeder")


def standing_campaigns(config: Configuration) -> cloudwatch.MathExpression:
    """Count how often a campaign was fed that could call somebody and did not, or could not be fed at all."""
    return _sum(
        "campaigns that stand still",
        {
            "still": _figure(config, "CampaignsStandingStill", "Sum", service="feeder"),
            "failed": _figure(config, "Errors", "Sum", service="feeder", route="event"),
        },
    )


def _sum(label: str, counts: Mapping[str, cloudwatch.IMetric]) -> cloudwatch.MathExpression:
    """Add counts up, of which one that tells nothing is 0; a graph has each of their names once."""
    expression = " + ".join(f"FILL({name}, 0)" for name in counts)
    return cloudwatch.MathExpression(
        expression=expression, using_metrics=counts, period=FIVE_MINUTES, label=label
    )


def _figure(
    config: Configuration, name: str, statistic: str, *, period: Duration = FIVE_MINUTES, **dimensions: str
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=config.metrics_namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=period,
    )
