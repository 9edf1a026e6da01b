"""What each room asks of AWS is granted, nothing else is, and each grant is missed when it is taken away."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.support.room_calls import stored_calls
from tests.support.stack import Template

NAMES = {
    "DataConfigTable": "config",
    "DataRunsTable": "runs",
    "DataEventsTable": "events",
    "DataMedia": "media",
    "DataKey": "key",
    "DataInstallSecret": "secret",
    "QueuesDialsQueue": "dials",
    "QueuesAftercallsQueue": "aftercalls",
    "QueuesCampaignsQueue": "campaigns",
}
BY_LAMBDA = "Lambda itself does this with the function's role"
ITS_LOG = "Lambda's runtime writes the log"
ENDS_ITSELF = "a run that ends here owes its callback; the runs that tests end here owe none"
ASKING, GUARDING = "bedrock:InvokeModelWithResponseStream", "bedrock:ApplyGuardrail"
EMBEDDING = "bedrock:InvokeModel"
EXCUSED = {
    **{("*", action, "*"): ITS_LOG for action in ("logs:CreateLogStream", "logs:PutLogEvents")},
    **{
        (room, f"sqs:{verb}", f"<{queue}>"): BY_LAMBDA
        for room, queue in (("dialer", "dials"), ("aftercall", "aftercalls"), ("feeder", "campaigns"))
        for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    },
    ("trigger", "sqs:SendMessage", "<aftercalls>"): ENDS_ITSELF,
    ("sessions", "sqs:SendMessage", "<aftercalls>"): ENDS_ITSELF,
    (
        "aftercall",
        "s3:ListBucket",
        "<media>",
    ): "without it a missing transcript is a refusal, and none that says missing",
    (
        "campaigns",
        "s3:ListBucket",
        "<media>",
    ): "without it a file that was not sent is a refusal, and none that says missing",
    (
        "feeder",
        "s3:ListBucket",
        "<media>",
    ): "without it a missing file is a refusal, and none that says missing",
    ("feeder", "sqs:SendMessage", "<aftercalls>"): ENDS_ITSELF,
    ("streamer", "s3:GetObject", "<archive>"): "boot.py fetches it before there is a streamer",
    ("streamer", "transcribe:StartStreamTranscription", "*"): "HTTP/2 is signed by a library of its own",
}
"""Grants that no call of the tests shows, by room, action and resource, with what is behind them."""


@dataclass(frozen=True)
class Grant:
    """One action of a room on one resource, and what the request must be like."""

    room: str
    action: str
    resource: str
    leading_keys: tuple[str, ...] = ()
    context: tuple[str, ...] = ()

    def covers(self, call: "Call") -> bool:
        return (
            (self.room, self.action) == (call.room, call.action)
            and (self.resource == "*" or fnmatchcase(call.resource, self.resource))
            and (not self.leading_keys or any(fnmatchcase(call.key, each) for each in self.leading_keys))
            and self.context == call.context
        )


@dataclass(frozen=True)
class Call:
    """One thing that a room asks for."""

    room: str
    action: str
    resource: str
    key: str = ""
    context: tuple[str, ...] = ()


def calls() -> list[Call]:
    """Return what rooms ask for in all installs; models are an option."""
    return [call for call in all_calls() if call.action not in (ASKING, EMBEDDING)]


def all_calls() -> list[Call]:
    return [read_call(room, line) for room, lines in stored_calls().items() for line in sorted(lines)]


def read_call(room: str, line: str) -> Call:
    action, target, detail = (*line.split(" "), "", "")[:3]
    if action == "s3:ListBucket":
        return Call(room, action, "<media>")
    if action.startswith("s3:"):
        return Call(room, action, f"<media>/{detail.replace('*', 'any')}")
    if action.startswith("kms:"):
        return Call(room, action, "<key>", context=tuple(detail.split(",")))
    table, _, index = target.partition("/")
    resource = f"<{table}>/index/{index}" if index else f"<{table}>" if table else ""
    return Call(room, action, resource, key=f"{detail}#" if detail else "")


def grants(template: Template) -> list[Grant]:
    roles = dict(roles_by_room(template))
    return [grant for room, role in roles.items() for grant in grants_of(template, room, role)]


def roles_by_room(template: Template) -> Iterator[tuple[str, str]]:
    for properties in template.properties("AWS::Lambda::Function"):
        if found := re.fullmatch(r"functions\.(\w+)\.handler\.handler", properties["Handler"]):
            yield found[1], properties["Role"]["Fn::GetAtt"][0]
    yield "streamer", template.only("AWS::ECS::TaskDefinition")["TaskRoleArn"]["Fn::GetAtt"][0]


def grants_of(template: Template, room: str, role: str) -> Iterator[Grant]:
    documents = [
        policy["PolicyDocument"]
        for policy in template.document["Resources"][role]["Properties"].get("Policies", [])
    ]
    documents += [
        properties["PolicyDocument"]
        for properties in template.properties("AWS::IAM::Policy")
        if {"Ref": role} in properties["Roles"]
    ]
    for statement in (each for document in documents for each in document["Statement"]):
        assert statement["Effect"] == "Allow"
        leading_keys, context = read_condition(statement.get("Condition", {}))
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                name = re.sub(
                    r"arn:<AWS::Partition>:s3:::<assets>/[0-9a-f]{64}\.\w+", "<archive>", written(resource)
                )
                yield Grant(room, action, name, leading_keys, context)


def read_condition(condition: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the leading keys, and the names in the encryption context; both must be asked for, not just allowed."""
    if not condition:
        return (), ()
    if "ForAllValues:StringLike" in condition:
        assert condition["Null"] == {"dynamodb:LeadingKeys": "false"}
        (keys,) = condition["ForAllValues:StringLike"].values()
        return tuple(keys), ()
    names = condition["ForAllValues:StringEquals"]["kms:EncryptionContextKeys"]
    assert condition["Null"] == {f"kms:EncryptionContext:{name}": "false" for name in names}
    return (), tuple(sorted(names))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def written(resource: Any) -> str:
    """Write an ARN with the names that calls have for things."""
    match resource:
        case str():
            return resource
        case {"Fn::GetAtt": [str(logical_id), "Arn"]} | {"Ref": str(logical_id)}:
            return f"<{named(logical_id)}>"
        case {"Fn::Join": ["", parts]}:
            return "".join(map(written, parts))
        case {"Fn::Sub": str(text)} if "cdk-hnb659fds-assets" in text:
            return "<assets>"
    raise AssertionError(f"not known: {resource}")


def named(logical_id: str) -> str:
    return next((name for start, name in NAMES.items() if logical_id.startswith(start)), logical_id)


def refused(asked: list[Call], given: list[Grant]) -> list[Call]:
    return [call for call in asked if not any(grant.covers(call) for grant in given)]


def is_excused(grant: Grant) -> bool:
    return bool(excuses_for(grant))


def excuses_for(grant: Grant) -> set[tuple[str, str, str]]:
    named = {(grant.room, grant.action, grant.resource), ("*", grant.action, "*")}
    return named & EXCUSED.keys()


def test_every_call_of_every_room_is_granted(template: Template) -> None:
    given = grants(template)
    assert {call.room for call in calls()} == {grant.room for grant in given} - {"docs"}
    assert refused(calls(), given) == []


def test_each_grant_is_missed_when_it_is_taken_away_or_excused_by_name(template: Template) -> None:
    asked, given = calls(), grants(template)
    unused = [
        grant
        for grant in given
        if not refused(asked, [each for each in given if each != grant]) and not is_excused(grant)
    ]
    assert unused == []


def test_every_excuse_is_needed(template: Template) -> None:
    asked, given = calls(), grants(template)
    unseen = [grant for grant in given if not any(grant.covers(call) for call in asked)]
    assert {excuse for grant in unseen for excuse in excuses_for(grant)} == EXCUSED.keys()


def test_whoever_writes_a_row_may_look_whether_a_refused_write_was_its_own(template: Template) -> None:
    given = grants(template)
    for grant in given:
        if grant.action in ("dynamodb:PutItem", "dynamodb:UpdateItem"):
            assert replace(grant, action="dynamodb:GetItem") in given


def test_no_room_may_do_everything_of_a_kind(template: Template) -> None:
    for type_ in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for logical_id, resource in template.resources(type_):
            for action in actions_in(resource["Properties"]):
                assert "*" not in action, f"{logical_id}: {action}"


def actions_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from listed(value["Action"]) if "Action" in value else ()
        for inner in value.values():
            yield from actions_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from actions_in(inner)


def test_only_speech_is_granted_on_everything(template: Template) -> None:
    on_everything = {(grant.room, grant.action) for grant in grants(template) if grant.resource == "*"}
    assert {room for room, _ in on_everything} <= {"streamer"}
    assert {action.partition(":")[0] for _, action in on_everything} <= {"polly", "transcribe"}


@pytest.mark.parametrize("room", ["agents", "api_keys", "organization"])
def test_whoever_needs_only_claims_of_the_runs_table_gets_no_runs(template: Template, room: str) -> None:
    given = grants(template)
    claim = Call(room, "dynamodb:GetItem", "<runs>", key="IDEMPOTENCY#")
    assert refused([claim], given) == []
    for key in ("RUN#", "ORG#", ""):
        assert refused([replace(claim, key=key)], given) == [replace(claim, key=key)]


def test_secrets_are_opened_with_their_whole_context_only(template: Template) -> None:
    given = grants(template)
    opening = Call("dialer", "kms:Decrypt", "<key>", context=("configuration", "organization"))
    assert refused([opening], given) == []
    for context in [("organization",), ("credential", "organization"), (), ("configuration",)]:
        assert refused([replace(opening, context=context)], given)


def test_each_room_has_a_role_of_its_own(template: Template) -> None:
    roles = [role for _, role in roles_by_room(template)]
    assert len(set(roles)) == len(roles)


def test_recordings_under_the_installs_own_key_need_no_more_than_that_through_s3(
    templates: dict[str, Template],
) -> None:
    own = next(each for each in templates.values() if uses_own_key(each))
    found = {
        room: tuple(listed(statement["Action"]))
        for room, role in roles_by_room(own)
        for policy in own.document["Resources"][role]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "kms:ViaService" in json.dumps(statement.get("Condition", {}))
    }
    assert found["runs"] == found["aftercall"] == ("kms:Decrypt",)
    both = ("kms:Decrypt", "kms:GenerateDataKey")
    assert found["campaigns"] == both
    assert found["reaper"] == found["telephony"] == found["streamer"] == found["organization"] == both
    assert found["feeder"] == both
    assert len(found) == 8


def test_whoever_asks_models_may_ask_those_that_are_named_and_no_others(
    template: Template, templates: dict[str, Template]
) -> None:
    rooms = {call.room for call in all_calls() if call.action == ASKING}
    assert "streamer" in rooms
    found = dict(model_grants(templates["everything"]))
    assert found.keys() == rooms
    account, nova = "<AWS::AccountId>", "amazon.nova-lite-v1:0"
    for statements in found.values():
        assert {(each["Action"], each["Resource"]) for each in statements} == {
            granted
            for region in ("<AWS::Region>", "us-west-2")
            for granted in (
                (ASKING, f"arn:<AWS::Partition>:bedrock:{region}:{account}:inference-profile/us.{nova}"),
                (ASKING, f"arn:<AWS::Partition>:bedrock:*::foundation-model/{nova}"),
                (ASKING, f"arn:<AWS::Partition>:bedrock:{region}::foundation-model/amazon.nova-pro-v1:0"),
                (GUARDING, f"arn:<AWS::Partition>:bedrock:{region}:{account}:guardrail/abc123"),
            )
        }
        for each in statements:
            if "*" in each["Resource"]:
                profile = written(each["Condition"]["StringEquals"]["bedrock:InferenceProfileArn"])
                assert profile.endswith(f":inference-profile/us.{nova}")
    assert dict(model_grants(template)) == {}


def test_whoever_looks_things_up_by_meaning_may_embed_with_the_model_that_is_named(
    template: Template, templates: dict[str, Template]
) -> None:
    def granted(of: Template) -> dict[str, str]:
        return {
            room: written(statement["Resource"])
            for room, role in roles_by_room(of)
            for policy in of.document["Resources"][role]["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Action"] == EMBEDDING
        }

    titan = "arn:<AWS::Partition>:bedrock:<AWS::Region>::foundation-model/amazon.titan-embed-text-v2:0"
    assert {call.room for call in all_calls() if call.action == EMBEDDING} == {"streamer"}
    assert granted(templates["everything"]) == {"streamer": titan}
    assert granted(template) == {}


def model_grants(template: Template) -> Iterator[tuple[str, list[Any]]]:
    for room, role in roles_by_room(template):
        statements = [
            {**statement, "Resource": written(resource)}
            for policy in template.document["Resources"][role]["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            for resource in listed(statement["Resource"])
            if statement["Action"] in (ASKING, GUARDING)
        ]
        if statements:
            yield room, statements


def test_the_key_of_an_endpoint_is_read_where_it_is_set_and_nowhere_else(
    templates: dict[str, Template],
) -> None:
    key = "secret:llm-key-AbCdEf"
    assert key in json.dumps(templates["everything"].document["Resources"])
    assert key not in json.dumps(templates["default"].document)


def uses_own_key(template: Template) -> bool:
    (bucket,) = [
        resource["Properties"]
        for logical_id, resource in template.resources("AWS::S3::Bucket")
        if logical_id.startswith("DataMedia")
    ]
    return "KMSMasterKeyID" in json.dumps(bucket)
