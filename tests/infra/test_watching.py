"""What goes wrong is told, with what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import infra
from tests.support.stack import Template

HANDBOOK = "docs/operations.md#alarms"
# Made by the scaling of the streamers, for itself.
SCALES = "Scales the streamers"


@pytest.fixture(scope="module")
def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """The alarms that are for people, by what CDK made of their names."""
    return {
        re.sub(r"^Alarms|[0-9A-F]{8}$", "", logical_id): resource["Properties"]
        for logical_id, resource in template.resources("AWS::CloudWatch::Alarm")
        if SCALES not in resource["Properties"]["AlarmDescription"] and logical_id.startswith("Alarms")
    }


def test_every_function_has_an_alarm(template: Template, alarms: dict[str, dict[str, Any]]) -> None:
    functions = {
        logical_id
        for logical_id, resource in template.resources("AWS::Lambda::Function")
        if resource["Properties"]["Handler"].startswith("functions.")
    }
    for logical_id in functions:
        watching = [
            name
            for name, alarm in alarms.items()
            if name.endswith("Fails") and logical_id in json.dumps(alarm)
        ]
        assert len(watching) == 1, logical_id
    assert functions


def test_every_queue_of_dead_letters_has_an_alarm(
    template: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    queues = [
        logical_id for logical_id, _ in template.resources("AWS::SQS::Queue") if "DeadLetters" in logical_id
    ]
    assert len(queues) == 3
    for queue in queues:
        (alarm,) = [each for each in alarms.values() if queue in json.dumps(each.get("Dimensions", []))]
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")


def test_a_reaper_that_is_silent_is_noticed(alarms: dict[str, dict[str, Any]]) -> None:
    silent = alarms["ReaperSilent"]
    assert (silent["MetricName"], silent["Period"], silent["EvaluationPeriods"]) == ("Invocations", 300, 1)
    assert (silent["Threshold"], silent["ComparisonOperator"]) == (1, "LessThanThreshold")
    # Who is not called counts nothing at all.
    assert silent["TreatMissingData"] == "breaching"


def test_a_feeder_that_does_not_look_what_is_due_is_noticed(alarms: dict[str, dict[str, Any]]) -> None:
    silent = alarms["FeederSilent"]
    assert (silent["MetricName"], silent["Statistic"], silent["Period"]) == ("WakeLateness", "Maximum", 300)
    assert silent["Dimensions"] == [{"Name": "service", "Value": "feeder"}]
    assert (silent["Threshold"], silent["TreatMissingData"]) == (300, "breaching")


def test_a_campaign_that_stands_still_or_cannot_be_fed_is_noticed(alarms: dict[str, dict[str, Any]]) -> None:
    still = alarms["CampaignsStandStill"]
    names = {each["Id"]: each.get("MetricStat", {}).get("Metric", {}) for each in still["Metrics"]}
    assert names["still"]["MetricName"] == "CampaignsStandingStill"
    assert names["failed"]["MetricName"] == "Errors"
    assert {each["Name"]: each["Value"] for each in names["failed"]["Dimensions"]} == {
        "route": "event",
        "service": "feeder",
    }
    assert (still["Threshold"], still["EvaluationPeriods"]) == (1, 3)


@pytest.mark.parametrize(
    ("name", "metric", "threshold", "missing"),
    [
        ("StreamersUnhealthy", "UnHealthyHostCount", 1, "notBreaching"),
        ("StreamersMissing", "HealthyHostCount", 1, "breaching"),
        ("StreamersFull", "SlotUtilisation", 90, "notBreaching"),
        ("DialsWait", "ApproximateAgeOfOldestMessage", 300, "notBreaching"),
        ("AftercallsWait", "ApproximateAgeOfOldestMessage", 900, "notBreaching"),
        ("CampaignsWait", "ApproximateAgeOfOldestMessage", 300, "notBreaching"),
        ("RequestsFail", "5xx", 3, "notBreaching"),
        ("PollyRefuses", "4XXCount", 3, "notBreaching"),
    ],
)
def test_what_is_watched_besides(
    alarms: dict[str, dict[str, Any]], name: str, metric: str, threshold: int, missing: str
) -> None:
    alarm = alarms[name]
    assert (alarm["MetricName"], alarm["Threshold"], alarm["TreatMissingData"]) == (
        metric,
        threshold,
        missing,
    )


def test_tables_and_transcribe_are_watched_for_what_they_refuse(
    template: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    for logical_id, _ in template.resources("AWS::DynamoDB::Table"):
        (alarm,) = [
            each for name, each in alarms.items() if "Throttles" in name and logical_id in json.dumps(each)
        ]
        assert "ReadThrottleEvents" in json.dumps(alarm)
        assert "WriteThrottleEvents" in json.dumps(alarm)
    for name, count in {
        "TranscribeRefuses": "LimitExceededCount",
        "TranscribeThrottles": "ThrottledCount",
    }.items():
        (query,) = [each["Expression"] for each in alarms[name]["Metrics"]]
        assert query == f'SELECT SUM({count}) FROM "AWS/Transcribe"'


def test_each_alarm_says_what_to_do_and_is_told_when_it_begins_and_when_it_is_over(
    template: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    (topic,) = [logical_id for logical_id, _ in template.resources("AWS::SNS::Topic")]
    for name, alarm in alarms.items():
        assert alarm["AlarmDescription"].endswith(f"More: {HANDBOOK}."), name
        # What CloudWatch takes.
        assert len(alarm["AlarmDescription"]) <= 1024, name
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}], name


def test_the_handbook_tells_of_every_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    path, _, section = HANDBOOK.partition("#")
    text = Path(infra.__file__).parents[1].joinpath(path).read_text(encoding="utf-8")
    (told,) = [
        part for part in re.split("^## ", text, flags=re.MULTILINE) if part.lower().startswith(section)
    ]
    named = [name.replace("…", r"\w+") for name in re.findall(r"`(\S+)`", told)]
    for alarm in alarms:
        assert any(re.fullmatch(name, alarm) for name in named if name.isidentifier() or "\\w" in name), alarm


def test_alarms_reach_an_address_where_one_is_given(templates: dict[str, Template]) -> None:
    assert templates["default"].properties("AWS::SNS::Subscription") == []
    subscription = templates["everything"].only("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "alarms@example.com")


def test_only_cloudwatch_of_this_account_publishes_alarms(template: Template) -> None:
    statements = template.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_dashboard_shows_every_alarm(template: Template, alarms: dict[str, dict[str, Any]]) -> None:
    body = json.dumps(template.only("AWS::CloudWatch::Dashboard")["DashboardBody"])
    shown = [
        logical_id
        for logical_id, resource in template.resources("AWS::CloudWatch::Alarm")
        if resource["Properties"] in alarms.values() and logical_id in body
    ]
    assert len(shown) == len(alarms)
