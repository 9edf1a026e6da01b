"""The stack as moto's CloudFormation makes it: real tables, queues, bucket, key and functions, and the rooms' environments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from tests.support.stack import Template

LITERALS: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "a1b2c3d4e5",
    "AWS::ApiGatewayV2::Integration": "integration",
    "AWS::ApiGatewayV2::Route": "route",
    "AWS::ApiGatewayV2::Stage": "$default",
    "AWS::ApplicationAutoScaling::ScalableTarget": "service/cluster/streamer",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "policy",
    "AWS::CloudFront::Distribution": "d111111abcdef8.cloudfront.net",
    "AWS::CloudFront::Function": "arn:aws:cloudfront::123456789012:function/move-secrets",
    "AWS::CloudFront::OriginAccessControl": "E1234567890ABC",
    "AWS::CloudFront::ResponseHeadersPolicy": "pages-headers",
    "AWS::CloudFront::VpcOrigin": "vo_1234567890",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:alarm",
    "AWS::EC2::SecurityGroupEgress": "sgr-egress",
    "AWS::Lambda::EventInvokeConfig": "event-invoke-config",
    "AWS::S3::BucketPolicy": "bucket-policy",
    "AWS::SNS::TopicPolicy": "topic-policy",
    "AWS::SQS::QueuePolicy": "queue-policy",
    # Whoever deploys here makes a secret of this name.
    "AWS::SecretsManager::Secret": "offhook-rehearsal-install-secret",
    "Custom::Pages": "pages",
}
"""The types that moto's CloudFormation lacks, and what stands for each of their names and attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A stack that was created: its outputs, what each logical id has become, and what CloudFormation says of each."""

    outputs: Mapping[str, str]
    physical_ids: Mapping[str, str]
    statuses: Mapping[str, str]

    def environment(self, template: Template, handler: str) -> dict[str, str]:
        """Return the variables that the function with this handler was made with."""
        (logical_id,) = (
            id_
            for id_, function in template.resources("AWS::Lambda::Function")
            if function["Properties"]["Handler"] == handler
        )
        found = boto3.client("lambda").get_function_configuration(FunctionName=self.physical_ids[logical_id])
        return dict(found.get("Environment", {}).get("Variables", {}))

    def task_environment(self, template: Template) -> dict[str, str]:
        """Return the variables of the streamer's container."""
        ((logical_id, _),) = template.resources("AWS::ECS::TaskDefinition")
        found = boto3.client("ecs").describe_task_definition(taskDefinition=self.physical_ids[logical_id])
        (container,) = found["taskDefinition"]["containerDefinitions"]
        return {each["name"]: each["value"] for each in container["environment"]}


def deploy(template: Template, stack_name: str) -> Deployment:
    """Create the stack at the AWS of the SDK's own variables; raise AssertionError where that fails."""
    document = with_literals(template.document)
    _bootstrap(document)
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName=stack_name, TemplateBody=json.dumps(document), Capabilities=["CAPABILITY_IAM"]
    )
    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    made = [each for page in pages for each in page["StackResourceSummaries"]]
    return Deployment(
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]},
        physical_ids={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in made},
        statuses={each["LogicalResourceId"]: each["ResourceStatus"] for each in made},
    )


def with_literals(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template without the resources of these types, and with literals in place of what refers to them."""
    literal_of = {
        logical_id: LITERALS[resource["Type"]]
        for logical_id, resource in document["Resources"].items()
        if resource["Type"] in LITERALS
    }
    kept = {id_: each for id_, each in document["Resources"].items() if id_ not in literal_of}
    replaced: dict[str, Any] = _replace({**document, "Resources": kept}, literal_of)
    return replaced


def _replace(value: Any, literal_of: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_replace(each, literal_of) for each in value]
    if not isinstance(value, dict):
        return value
    named = value.get("Ref") or (value.get("Fn::GetAtt") or [None])[0]
    if len(value) == 1 and named in literal_of:
        return literal_of[named]
    return {
        key: _after(each, literal_of) if key == "DependsOn" else _replace(each, literal_of)
        for key, each in value.items()
    }


def _after(ids: Any, literal_of: Mapping[str, str]) -> list[str]:
    return [each for each in ([ids] if isinstance(ids, str) else ids) if each not in literal_of]


def _bootstrap(document: Mapping[str, Any]) -> None:
    """Make what `cdk bootstrap` makes of what the template asks for: its version, and the bucket of archives."""
    version = document["Parameters"]["BootstrapVersion"]["Default"]
    boto3.client("ssm").put_parameter(Name=version, Value="30", Type="String", Overwrite=True)
    account = boto3.client("sts").get_caller_identity()["Account"]
    for code in (
        each["Properties"]["Code"]
        for each in document["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and "S3Bucket" in each["Properties"]["Code"]
    ):
        bucket = (
            code["S3Bucket"]["Fn::Sub"]
            .replace("${AWS::AccountId}", account)
            .replace("${AWS::Region}", "us-east-1")
        )
        boto3.client("s3").create_bucket(Bucket=bucket)
        boto3.client("s3").put_object(Bucket=bucket, Key=code["S3Key"], Body=b"")
