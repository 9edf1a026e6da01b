"""The service that holds calls: that nothing it does takes one away, and that a task is what RegisterTaskDefinition takes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.bundles import AWS
from infra.bundles.bundle import PROJECT
from infra.bundles.recipe import STREAMER
from infra.streamer import boot
from infra.task_size import CPU_MS_PER_CALL_SECOND, MOST_CALLS, size_for
from offhook.agents.settings import AgentSettings
from streamer import figures
from tests.support.makers import NOON
from tests.support.stack import Template

LONGEST_CALL_S = 3600
# Of a whole task definition, in bytes (RegisterTaskDefinition).
MOST_BYTES = 65_536


def container(template: Template) -> dict[str, Any]:
    (found,) = template.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert isinstance(found, dict)
    return found


def target_group(template: Template) -> dict[str, str]:
    group = template.only("AWS::ElasticLoadBalancingV2::TargetGroup")
    return {each["Key"]: each["Value"] for each in group["TargetGroupAttributes"]}


def test_whatever_call_there_is_ends_before_its_task_is_told_to(template: Template) -> None:
    longest = AgentSettings.model_validate({"max_call_duration_seconds": LONGEST_CALL_S})
    assert longest.max_call_duration_seconds == LONGEST_CALL_S
    with pytest.raises(ValueError, match="max_call_duration_seconds"):
        AgentSettings.model_validate({"max_call_duration_seconds": LONGEST_CALL_S + 1})
    assert int(target_group(template)["deregistration_delay.timeout_seconds"]) >= LONGEST_CALL_S
    assert container(template)["StopTimeout"] == 120


def test_a_deployment_adds_tasks_first_and_does_not_wait_for_calls(template: Template) -> None:
    service = template.only("AWS::ECS::Service")
    assert service["DeploymentConfiguration"] == {
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "EarlySuccessCriteria": {
            "Enable": True,
            "HealthyPercent": 100,
            "SourceServiceRevisionCleanup": "DEFERRED",
        },
    }
    assert service["AvailabilityZoneRebalancing"] == "DISABLED"
    # A deployment must not undo what scaling has done.
    assert "DesiredCount" not in service


def test_only_life_is_asked_for_and_a_moment_of_silence_is_no_death(template: Template) -> None:
    group = template.only("AWS::ElasticLoadBalancingV2::TargetGroup")
    assert group["HealthCheckPath"] == "/healthz"
    assert group["HealthCheckIntervalSeconds"] * group["UnhealthyThresholdCount"] >= 60
    assert target_group(template)["load_balancing.algorithm.type"] == "least_outstanding_requests"
    assert "HealthCheck" not in container(template)


def test_a_task_runs_a_plain_python_by_tag_and_signals_reach_the_streamer(template: Template) -> None:
    made = container(template)
    assert made["Image"] == "public.ecr.aws/docker/library/python:3.13-slim"
    assert made["VersionConsistency"] == "enabled"
    assert made["LinuxParameters"]["InitProcessEnabled"] is True
    assert made["EntryPoint"] == ["python", "-c"]
    assert made["Command"][0] == Path(boot.__file__).read_text()
    assert made["Command"][3:] == ["--host", "0.0.0.0", "--port", "8080"]
    assert made["PortMappings"] == [{"ContainerPort": 8080, "Protocol": "tcp"}]
    assert made["User"] == "65534:65534"
    platform = template.only("AWS::ECS::TaskDefinition")["RuntimePlatform"]
    assert platform == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}


def test_a_task_definition_is_far_from_the_largest(template: Template) -> None:
    assert len(json.dumps(template.only("AWS::ECS::TaskDefinition"))) < MOST_BYTES / 3


def test_the_role_may_read_the_archive_that_the_command_names(template: Template) -> None:
    bucket, *_, key = container(template)["Command"][1]["Fn::Join"][1][1:]
    role = template.only("AWS::ECS::TaskDefinition")["TaskRoleArn"]["Fn::GetAtt"][0]
    statements = [
        statement
        for policy in template.properties("AWS::IAM::Policy")
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    (reading,) = [statement for statement in statements if statement["Action"] == "s3:GetObject"]
    assert reading["Resource"]["Fn::Join"][1][-2:] == [bucket, key] or key in json.dumps(reading)


def test_a_line_of_the_log_never_holds_up_audio_and_is_kept_for_a_time(template: Template) -> None:
    options = container(template)["LogConfiguration"]["Options"]
    assert options["mode"] == "non-blocking"
    (group,) = [
        resource["Properties"]
        for logical_id, resource in template.resources("AWS::Logs::LogGroup")
        if logical_id == options["awslogs-group"]["Ref"]
    ]
    assert group["RetentionInDays"] == 30


def test_the_task_knows_its_region_by_the_name_that_the_sdk_reads(template: Template) -> None:
    assert {"Name": "AWS_DEFAULT_REGION", "Value": {"Ref": "AWS::Region"}} in container(template)[
        "Environment"
    ]


def test_scaling_looks_at_what_the_streamers_of_this_install_write(templates: dict[str, Template]) -> None:
    template = templates["elsewhere"]
    told = {each["Name"]: each["Value"] for each in container(template)["Environment"]}
    written = figures.embedded(3, 25, lambda: NOON, namespace=told["OFFHOOK_METRICS_NAMESPACE"])
    assert "SlotUtilisation" in written
    metric = {
        "Namespace": "Voice",
        "MetricName": "SlotUtilisation",
        "Dimensions": [{"Name": "service", "Value": written["service"]}],
    }
    alarms = template.properties("AWS::CloudWatch::Alarm")
    policies = [
        policy.get("TargetTrackingScalingPolicyConfiguration", {}).get("CustomizedMetricSpecification", {})
        for policy in template.properties("AWS::ApplicationAutoScaling::ScalingPolicy")
    ]
    assert len([each for each in [*alarms, *policies] if metric.items() <= each.items()]) >= 3
    assert not [each for each in [*alarms, *policies] if each.get("Namespace") == "Offhook"]


def test_streamers_come_fast_go_slowly_and_stay_when_nothing_is_known(template: Template) -> None:
    policies = template.properties("AWS::ApplicationAutoScaling::ScalingPolicy")
    tracked = {
        policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]: policy[
            "TargetTrackingScalingPolicyConfiguration"
        ]["DisableScaleIn"]
        for policy in policies
        if policy["PolicyType"] == "TargetTrackingScaling"
    }
    assert tracked == {60: True, 65: True}
    steps = {
        logical_id: resource["Properties"]["StepScalingPolicyConfiguration"]["StepAdjustments"][0][
            "ScalingAdjustment"
        ]
        for logical_id, resource in template.resources("AWS::ApplicationAutoScaling::ScalingPolicy")
        if resource["Properties"]["PolicyType"] == "StepScaling"
    }
    scaled = {
        steps[alarm["AlarmActions"][0]["Ref"]]: (
            alarm["ComparisonOperator"],
            alarm["Threshold"],
            alarm["EvaluationPeriods"] * alarm["Period"],
            alarm["TreatMissingData"],
        )
        for alarm in template.properties("AWS::CloudWatch::Alarm")
        if alarm.get("AlarmActions", [{}])[0].get("Ref") in steps
    }
    assert scaled == {
        1: ("GreaterThanOrEqualToThreshold", 80, 60, "notBreaching"),
        -1: ("LessThanThreshold", 30, 900, "notBreaching"),
    }


@pytest.mark.parametrize("calls", [1, 25, 50, 51, 100, MOST_CALLS])
def test_a_task_has_half_of_its_cpu_left_when_it_is_full(calls: int) -> None:
    size = size_for(calls)
    # More than one core is no use to the event loop, which does most.
    usable = min(size.cpu_units, 1024) / 1024 if calls <= 100 else size.cpu_units / 1024
    assert calls * CPU_MS_PER_CALL_SECOND / 1000 <= usable / 2


def test_the_task_is_as_large_as_its_calls_need(template: Template) -> None:
    size = size_for(25)
    task = template.only("AWS::ECS::TaskDefinition")
    assert (task["Cpu"], task["Memory"]) == (str(size.cpu_units), str(size.memory_mib))


def test_the_dockerfile_makes_what_a_task_would_have_loaded() -> None:
    lines = (Path(boot.__file__).parent / "Dockerfile").read_text().splitlines()
    assert {line.split()[1] for line in lines if line.startswith("FROM ")} == {
        f"public.ecr.aws/docker/library/python:{AWS.python}-slim"
    }
    (uv,) = re.findall(r"^UV_VERSION := (\S+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert f"RUN pip install --no-cache-dir uv=={uv}" in lines
    assert [f"COPY {each} /opt/offhook/{each}" for each in STREAMER.packages] == [
        line for line in lines if line.startswith("COPY ") and " /opt/offhook/" in line
    ]
    assert 'ENTRYPOINT ["python", "-m", "streamer"]' in lines


def test_an_image_of_ones_own_starts_by_itself_and_may_be_pulled(templates: dict[str, Template]) -> None:
    template = templates["elsewhere"]
    made = container(template)
    assert "EntryPoint" not in made
    assert made["Command"] == ["--host", "0.0.0.0", "--port", "8080"]
    assert json.dumps(made["Image"]).count("voice/streamer:1.2") == 1
    pulled = [
        statement
        for policy in template.properties("AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "ecr:BatchGetImage" in statement["Action"]
    ]
    assert len(pulled) == 1
    assert "voice/streamer" in json.dumps(pulled[0]["Resource"])
    assert template.only("AWS::ECS::TaskDefinition")["Cpu"] == "2048"
