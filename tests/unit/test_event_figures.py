"""What event-driven functions tell of themselves goes to CloudWatch, and not to whoever called them."""

import json
from typing import Any

import pytest

from functions.events import FIGURES
from functions.events.wiring import lambda_handler
from offhook.settings import Settings
from tests.support.lambda_context import Context


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if "_aws" in line]


def test_figures_are_written_as_metrics_of_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(metrics_namespace="Phones")
    handler = lambda_handler(lambda _, __: {FIGURES: {"WakeLateness": 12.5}}, settings, service="feeder")
    assert handler({}, Context()) == {}  # type: ignore[arg-type]
    figures, counts = told(capsys)
    assert (figures["service"], figures["WakeLateness"]) == ("feeder", [12.5])
    (metrics,) = figures["_aws"]["CloudWatchMetrics"]
    assert (metrics["Namespace"], metrics["Dimensions"]) == ("Phones", [["service"]])
    assert (counts["route"], counts["Errors"]) == ("event", [0.0])


def test_without_figures_only_the_event_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    failed = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    handler = lambda_handler(lambda _, __: dict(failed), Settings(), service="feeder")
    assert handler({"Records": [{}]}, Context()) == failed  # type: ignore[arg-type]
    (counts,) = told(capsys)
    assert (counts["service"], counts["Errors"]) == ("feeder", [1.0])
