"""The requests by which CloudFormation would make what stands in a template."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.literals import Literals
from tests.support.stack import Template

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """One request, and the resource that it is for."""

    logical_id: str
    service: str
    operation: str
    request: Properties


def creations(template: Template) -> Iterator[Creation]:
    """Iterate the requests of all resources whose properties say what is asked of AWS."""
    literals = Literals(template)
    for logical_id, resource in template.document["Resources"].items():
        for service, operation, build in _REQUESTS.get(resource["Type"], ()):
            properties = literals.of(resource.get("Properties", {}))
            if request := build(literals.name(logical_id), properties):
                yield Creation(logical_id=logical_id, service=service, operation=operation, request=request)


def _table(name: str, properties: Properties) -> Properties:
    # Both are set by requests of their own.
    return {
        "TableName": name,
        **_without(properties, "TimeToLiveSpecification", "PointInTimeRecoverySpecification"),
    }


def _time_to_live(name: str, properties: Properties) -> Properties:
    return {"TableName": name, "TimeToLiveSpecification": properties["TimeToLiveSpecification"]}


def _recovery(name: str, properties: Properties) -> Properties:
    return {
        "TableName": name,
        "PointInTimeRecoverySpecification": properties["PointInTimeRecoverySpecification"],
    }


def _queue(name: str, properties: Properties) -> Properties:
    attributes = {key: str(value) for key, value in _without(properties, "Tags").items()}
    return {"QueueName": name, "Attributes": attributes}


def _function(name: str, properties: Properties) -> Properties:
    # The name of a function is cut to 64 characters.
    return {"FunctionName": name[-64:], **properties, **_tag_map(properties)}


def _task_definition(name: str, properties: Properties) -> Properties:
    definition: Properties = _small({"family": name, **properties})
    return definition


def _target_group(name: str, properties: Properties) -> Properties:
    return {"Name": name[-32:], **_without(properties, "TargetGroupAttributes", "Targets")}


def _target_group_attributes(name: str, properties: Properties) -> Properties:
    return {"TargetGroupArn": name, "Attributes": properties["TargetGroupAttributes"]}


def _lifecycle(name: str, properties: Properties) -> Properties:
    if "LifecycleConfiguration" not in properties:
        return {}
    rules = [_lifecycle_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
    return {"Bucket": name.lower(), "LifecycleConfiguration": {"Rules": rules}}


def _lifecycle_rule(rule: Properties) -> Properties:
    written = {**_without(rule, "Id", "Prefix", "ExpirationInDays"), "ID": rule["Id"]}
    written["Filter"] = {"Prefix": rule.get("Prefix", "")}
    if "ExpirationInDays" in rule:
        written["Expiration"] = {"Days": rule["ExpirationInDays"]}
    return written


def _key(name: str, properties: Properties) -> Properties:
    return {"Description": properties["Description"], "Policy": str(properties["KeyPolicy"])}


def _password(name: str, properties: Properties) -> Properties:
    generated: Properties = properties["GenerateSecretString"]
    return generated


def _log_retention(name: str, properties: Properties) -> Properties:
    return {"logGroupName": name, "retentionInDays": properties["RetentionInDays"]}


def _alarm(name: str, properties: Properties) -> Properties:
    return {"AlarmName": name, **properties}


def _rule(name: str, properties: Properties) -> Properties:
    return {"Name": name[-64:], **_without(properties, "Targets")}


def _targets(name: str, properties: Properties) -> Properties:
    return {"Rule": name[-64:], "Targets": properties["Targets"]}


def _role(name: str, properties: Properties) -> Properties:
    document = str(properties["AssumeRolePolicyDocument"])
    kept = _without(properties, "AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies")
    return {"RoleName": name[-64:], "AssumeRolePolicyDocument": document, **kept}


def _event_source(name: str, properties: Properties) -> Properties:
    return properties


_REQUESTS: dict[str, tuple[tuple[str, str, Callable[[str, Properties], Properties]], ...]] = {
    "AWS::DynamoDB::Table": (
        ("dynamodb", "CreateTable", _table),
        ("dynamodb", "UpdateTimeToLive", _time_to_live),
        ("dynamodb", "UpdateContinuousBackups", _recovery),
    ),
    "AWS::SQS::Queue": (("sqs", "CreateQueue", _queue),),
    "AWS::Lambda::Function": (("lambda", "CreateFunction", _function),),
    "AWS::Lambda::EventSourceMapping": (("lambda", "CreateEventSourceMapping", _event_source),),
    "AWS::ECS::TaskDefinition": (("ecs", "RegisterTaskDefinition", _task_definition),),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        ("elbv2", "CreateTargetGroup", _target_group),
        ("elbv2", "ModifyTargetGroupAttributes", _target_group_attributes),
    ),
    "AWS::S3::Bucket": (("s3", "PutBucketLifecycleConfiguration", _lifecycle),),
    "AWS::KMS::Key": (("kms", "CreateKey", _key),),
    "AWS::SecretsManager::Secret": (("secretsmanager", "GetRandomPassword", _password),),
    "AWS::Logs::LogGroup": (("logs", "PutRetentionPolicy", _log_retention),),
    "AWS::CloudWatch::Alarm": (("cloudwatch", "PutMetricAlarm", _alarm),),
    "AWS::Events::Rule": (("events", "PutRule", _rule), ("events", "PutTargets", _targets)),
    "AWS::IAM::Role": (("iam", "CreateRole", _role),),
}


def _without(properties: Properties, *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def _tag_map(properties: Properties) -> Properties:
    return {"Tags": {tag["Key"]: tag["Value"] for tag in properties["Tags"]}} if "Tags" in properties else {}


def _small(value: Any) -> Any:
    """Return the value with the names of ECS's API, which begin with small letters; what tells options is left as it is."""
    if isinstance(value, list):
        return [_small(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name[0].lower() + name[1:]: entry if name in ("Options", "DockerLabels") else _small(entry)
        for name, entry in value.items()
    }
