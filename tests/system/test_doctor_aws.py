"""`offhook doctor --aws` on an install whose parts are broken one by one: each is told with what to do, and exits with 1."""

import json
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.cli import main
from local.doctor.sessions import PAGE, ROUTE, SOCKET_PATH, look_at_sessions
from offhook.adapters.dynamodb.store import connect
from offhook.adapters.dynamodb.tables import CONFIG_TABLE, EVENTS_TABLE, RUNS_TABLE, table_definition
from offhook.clock import system_clock
from offhook.settings import Settings
from offhook.waking import WakeKind
from tests.support.aws import client_of
from tests.support.control_plane import ControlPlane
from tests.support.deployed import BLOCKED, deployed_settings, keep
from tests.support.peers import listening, nobody, replies
from tests.support.waking import make_wake
from tests.support.whole_install import WholeInstall

__all__ = ["deployed_settings"]

Finding = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """An install as the stack makes it, and a person who looks at it."""

    settings: Settings
    plane: ControlPlane
    look: Callable[..., tuple[int, list[Finding]]]

    def told(self, subject: str, *arguments: str) -> str:
        """Return what is told of the one thing that is broken, of which nothing else is told."""
        status, findings = self.look(*arguments)
        (broken,) = [each for each in findings if not each["is_well"]]
        assert (status, broken["subject"]) == (1, subject)
        return str(broken["sentence"])


@pytest.fixture
def with_key(shared_install: WholeInstall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the carriers looked at too; a carrier takes so many checks in 10 s, so not by every test."""
    monkeypatch.setenv("OFFHOOK_API_KEY", shared_install.first_line["api_key"])


@pytest.fixture
def deployment(
    deployed_settings: Settings,
    shared_install: WholeInstall,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Deployment]:
    outputs = {"BaseUrl": shared_install.base_url, "InboundUrl": "https://nowhere.test/inbound"}
    monkeypatch.chdir(tmp_path)

    def look(*arguments: str) -> tuple[int, list[Finding]]:
        monkeypatch.setattr(sys, "argv", ["offhook", "doctor", "--aws", "--json", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    with ControlPlane(outputs=outputs, environment=deployed_settings.to_env()).serving() as plane:
        for name, value in plane.endpoints.items():
            monkeypatch.setenv(name, value)
        yield Deployment(settings=deployed_settings, plane=plane, look=look)


@pytest.mark.usefixtures("with_key")
def test_nothing_is_wrong_with_an_install_that_is_as_the_stack_has_it(
    deployment: Deployment, shared_install: WholeInstall
) -> None:
    lines = shared_install.http.get("/api/v1/telephony-configurations").json()["items"]
    assert lines
    status, findings = deployment.look()
    assert [each for each in findings if not each["is_well"]] == []
    assert status == 0
    subjects = [each["subject"] for each in findings]
    assert subjects == [
        *("region", "credentials", "clock", "stack", "table", "table", "table", "secret"),
        *(
            "queue",
            "queue",
            "queue",
            "wakes",
            "bucket",
            "key",
            "functions",
            "streams",
            "edge",
            "socket",
            "sessions",
            "sessions",
            "page",
        ),
        *("carrier" for _ in lines),
    ]


def test_without_credentials_it_says_how_to_sign_in(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    assert "aws sso login" in deployment.told("credentials")


def test_credentials_that_have_run_out_are_told(deployment: Deployment) -> None:
    deployment.plane.sts_refuses = "ExpiredToken"
    assert "sign in again" in deployment.told("credentials")


def test_without_a_region_it_says_which_variable_counts(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert "AWS_DEFAULT_REGION" in deployment.told("region")


def test_aws_that_cannot_be_reached_is_the_network(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    assert "network" in deployment.told("credentials")


@pytest.mark.parametrize(("skew_s", "side"), [(-200, "ahead of"), (200, "behind")])
def test_a_clock_that_is_wrong_is_told(skew_s: int, side: str, deployment: Deployment) -> None:
    deployment.plane.skew_s = skew_s
    sentence = deployment.told("clock")
    assert side in sentence
    assert "NTP" in sentence


def test_a_clock_that_is_so_wrong_that_nothing_is_accepted_is_told_too(deployment: Deployment) -> None:
    deployment.plane.skew_s, deployment.plane.sts_refuses = 3600, "SignatureDoesNotMatch"
    status, findings = deployment.look()
    broken = [each["subject"] for each in findings if not each["is_well"]]
    assert (status, broken) == (1, ["clock", "credentials"])


def test_another_stack_is_not_found(deployment: Deployment) -> None:
    assert "--stack" in deployment.told("stack", "--stack", "Other")


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", "rolled back"),
        ("UPDATE_IN_PROGRESS", "wait"),
        ("ROLLBACK_FAILED", "describe-stack-events"),
    ],
)
def test_a_deployment_that_has_not_gone_well_is_told(
    status: str, advice: str, deployment: Deployment
) -> None:
    deployment.plane.status = status
    assert advice in deployment.told("stack")


def test_a_stack_without_functions_is_not_whole(deployment: Deployment) -> None:
    deployment.plane.has_functions = False
    assert "has no functions" in deployment.told("stack")


def test_credentials_that_may_not_list_the_stack_are_told(deployment: Deployment) -> None:
    deployment.plane.refuses_resources = True
    assert "may not call ListStackResources" in deployment.told("stack")


def test_a_stack_of_something_else_is_not_taken_for_ours(deployment: Deployment) -> None:
    del deployment.plane.outputs["BaseUrl"]
    assert "BaseUrl" in deployment.told("stack")


def remake(settings: Settings, **changes: Any) -> str:
    """Make the runs table anew with this of its definition changed; return its name."""
    dynamodb = client_of("dynamodb")
    name = RUNS_TABLE.name(settings)
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=name)
    dynamodb.create_table(**table_definition(RUNS_TABLE, settings) | changes)
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    keep(name, is_recoverable=True)
    return name


def test_a_table_that_is_missing_is_to_be_restored(deployment: Deployment) -> None:
    name = CONFIG_TABLE.name(deployment.settings)
    client_of("dynamodb").update_table(TableName=name, DeletionProtectionEnabled=False)
    client_of("dynamodb").delete_table(TableName=name)
    sentence = deployment.told("table")
    assert name in sentence
    assert "Restore" in sentence


def test_an_index_that_carries_something_else_is_told(deployment: Deployment) -> None:
    definition = table_definition(RUNS_TABLE, deployment.settings)
    indexes = definition["GlobalSecondaryIndexes"]
    indexes[1]["Projection"] = {"ProjectionType": "KEYS_ONLY"}
    remake(deployment.settings, GlobalSecondaryIndexes=indexes)
    assert "index gsi2 is not the one" in deployment.told("table")


def test_an_index_that_is_missing_is_told(deployment: Deployment) -> None:
    definition = table_definition(RUNS_TABLE, deployment.settings)
    attributes = [each for each in definition["AttributeDefinitions"] if each["AttributeName"] != "gsi3pk"]
    indexes = [each for each in definition["GlobalSecondaryIndexes"] if each["IndexName"] != "gsi3"]
    remake(deployment.settings, GlobalSecondaryIndexes=indexes, AttributeDefinitions=attributes)
    assert "index gsi3 is missing" in deployment.told("table")


def test_rows_that_are_never_removed_are_told(deployment: Deployment) -> None:
    client_of("dynamodb").update_time_to_live(
        TableName=EVENTS_TABLE.name(deployment.settings),
        TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"},
    )
    assert "update-time-to-live" in deployment.told("table")


def test_a_table_that_could_not_be_restored_is_told(deployment: Deployment) -> None:
    client_of("dynamodb").update_continuous_backups(
        TableName=RUNS_TABLE.name(deployment.settings),
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    assert "update-continuous-backups" in deployment.told("table")


def test_a_table_that_could_be_deleted_is_told(deployment: Deployment) -> None:
    name = EVENTS_TABLE.name(deployment.settings)
    client_of("dynamodb").update_table(TableName=name, DeletionProtectionEnabled=False)
    assert "--deletion-protection-enabled" in deployment.told("table")


def test_a_secret_that_is_too_short_is_told_and_not_shown(deployment: Deployment) -> None:
    client_of("secretsmanager").put_secret_value(
        SecretId=deployment.settings.install_secret_id, SecretString="short-one"
    )
    sentence = deployment.told("secret")
    assert "at least 32 characters" in sentence
    assert "short-one" not in sentence


def test_a_queue_that_is_missing_is_told(deployment: Deployment) -> None:
    client_of("sqs").delete_queue(QueueUrl=deployment.settings.dial_queue_url)
    assert "dials is not there" in deployment.told("queue")


def test_a_queue_whose_failures_go_nowhere_is_told(deployment: Deployment) -> None:
    client_of("sqs").set_queue_attributes(
        QueueUrl=deployment.settings.dial_queue_url, Attributes={"RedrivePolicy": ""}
    )
    assert "no dead-letter queue" in deployment.told("queue")


def test_work_that_was_given_up_is_told(deployment: Deployment) -> None:
    sqs = client_of("sqs")
    dead = sqs.get_queue_url(QueueName=deployment.settings.aftercall_queue_url.rpartition("/")[2] + "-dead")
    sqs.send_message(QueueUrl=dead["QueueUrl"], MessageBody="{}")
    sentence = deployment.told("queue")
    assert sentence.startswith("1 messages of")
    assert "start-message-move-task" in sentence


def test_what_was_due_and_is_not_begun_is_told(deployment: Deployment) -> None:
    wakes = connect(deployment.settings).wakes
    wakes.set(make_wake("soon", kind=WakeKind.CAMPAIGN, due_at=system_clock() - timedelta(minutes=1)))
    assert deployment.look()[0] == 0
    wakes.set(make_wake("late", kind=WakeKind.CAMPAIGN, due_at=system_clock() - timedelta(minutes=30)))
    sentence = deployment.told("wakes")
    assert sentence.startswith("a campaign was due 30 minutes ago")
    assert "rule" in sentence


def test_a_bucket_that_may_be_opened_is_told(deployment: Deployment) -> None:
    bucket = deployment.settings.media_bucket
    client_of("s3").put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED | {"BlockPublicPolicy": False}
    )
    assert "opened to the public" in deployment.told("bucket")


def test_recordings_that_are_kept_for_ever_are_told(deployment: Deployment) -> None:
    client_of("s3").delete_bucket_lifecycle(Bucket=deployment.settings.media_bucket)
    assert "for ever" in deployment.told("bucket")


def test_a_bucket_that_is_missing_is_told(deployment: Deployment) -> None:
    client_of("s3").delete_bucket(Bucket=deployment.settings.media_bucket)
    assert "is not there" in deployment.told("bucket")


def test_a_key_that_is_off_or_about_to_go_is_told(deployment: Deployment) -> None:
    # moto knows it by its id alone.
    key_id = deployment.settings.kms_key_id.rpartition("/")[2]
    client_of("kms").disable_key(KeyId=key_id)
    assert "enable-key" in deployment.told("key")
    client_of("kms").schedule_key_deletion(KeyId=key_id)
    assert "cancel-key-deletion" in deployment.told("key")


def test_an_account_that_may_do_little_is_told(deployment: Deployment) -> None:
    deployment.plane.concurrency = 10
    assert "10 concurrent executions" in deployment.told("functions")
    deployment.plane.concurrency = 1000
    deployment.plane.quotas = {"Concurrent streams for transcription": 5}
    assert "5 concurrent streams" in deployment.told("streams")


def test_quotas_that_cannot_be_read_are_no_fault(deployment: Deployment) -> None:
    deployment.plane.quotas = {}
    status, findings = deployment.look()
    (streams,) = [each["sentence"] for each in findings if each["subject"] == "streams"]
    assert "can't be read" in streams
    assert status == 0


@pytest.mark.usefixtures("with_key")
def test_an_edge_that_cannot_be_reached_is_told(deployment: Deployment) -> None:
    with nobody() as away:
        deployment.plane.outputs["BaseUrl"] = away.url
        status, findings = deployment.look()
    broken = {each["subject"]: each["sentence"] for each in findings if not each["is_well"]}
    assert (status, set(broken)) == (1, {"edge", "socket", "sessions", "page", "carrier"})
    assert "distribution" in broken["edge"]
    assert "streamer's log" in broken["socket"]
    assert "does not answer" in broken["page"]


@pytest.mark.parametrize(
    ("path", "answer", "advice"),
    [
        (ROUTE, 404, "answers 404 instead of asking for a key"),
        (SOCKET_PATH, 503, "the tasks' log say why none starts"),
        (SOCKET_PATH, 404, "the distribution's behaviours"),
        (PAGE, 403, "/call answers 403: deploy again"),
    ],
)
def test_what_sessions_lack_is_told(path: str, answer: int, advice: str) -> None:
    with front_door({ROUTE: 401, SOCKET_PATH: 401, PAGE: 200, path: answer}) as base_url:
        (broken,) = [each for each in look_at_sessions(base_url) if not each.is_well]
    assert advice in broken.sentence


@contextmanager
def front_door(statuses: Mapping[str, int]) -> Iterator[str]:
    """Answer each path with its status, as an edge does whose parts are not all there."""

    def answer(connection: socket.socket) -> None:
        status = statuses[peer.requests[-1].split()[1].decode()]
        replies(f"HTTP/1.1 {status} Told\nContent-Length: 0\nConnection: close\n\n")(connection)

    with listening(answer) as peer:
        yield peer.url


def test_a_key_of_nobody_leaves_the_carriers_unchecked_and_is_told(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_API_KEY", "dg_wrong")
    assert "not valid" in deployment.told("carrier")
    monkeypatch.delenv("OFFHOOK_API_KEY")
    status, findings = deployment.look()
    assert findings[-1]["sentence"].startswith("not looked at: set OFFHOOK_API_KEY")
    assert status == 0


def test_a_function_of_another_version_is_told(deployment: Deployment) -> None:
    deployment.plane.environment["OFFHOOK_NOT_KNOWN_HERE"] = "1"
    assert "another version" in deployment.told("settings")


@pytest.fixture
def with_models(deployment: Deployment) -> Deployment:
    deployment.plane.environment |= {
        "OFFHOOK_MODELS": "bedrock",
        "OFFHOOK_BEDROCK_MODEL": "us.amazon.nova-lite-v1:0",
    }
    return deployment


def models_told(deployment: Deployment) -> list[tuple[bool, str]]:
    _, findings = deployment.look()
    return [(each["is_well"], each["sentence"]) for each in findings if each["subject"] == "model"]


def test_the_models_that_the_account_may_use_are_named_in_each_region(with_models: Deployment) -> None:
    with_models.plane.environment["OFFHOOK_BEDROCK_SECOND_REGION"] = "us-west-2"
    (first, sentence), (second, elsewhere) = models_told(with_models)
    assert first
    assert second
    assert "us.amazon.nova-lite-v1:0 can be asked in" in sentence
    assert "amazon.old-v1" in sentence
    assert "us-west-2" in elsewhere


def test_a_model_that_the_account_may_not_use_is_told_with_what_it_lacks(with_models: Deployment) -> None:
    with_models.plane.models["amazon.nova-lite-v1:0"] = False
    sentence = with_models.told("model")
    assert "may not use us.amazon.nova-lite-v1:0" in sentence
    assert "agreementAvailability, authorizationStatus" in sentence


def test_a_model_that_a_region_has_not_is_told_with_those_that_it_has(with_models: Deployment) -> None:
    with_models.plane.environment["OFFHOOK_BEDROCK_MODEL"] = "amazon.nova-9"
    assert "has no amazon.nova-9: name another" in with_models.told("model")


def test_credentials_that_may_not_look_at_bedrock_are_told(with_models: Deployment) -> None:
    with_models.plane.refuses_bedrock = True
    assert "Bedrock in" in with_models.told("model")


def test_an_install_without_bedrock_is_not_asked_about_it(deployment: Deployment) -> None:
    deployment.plane.refuses_bedrock = True
    assert models_told(deployment) == []
