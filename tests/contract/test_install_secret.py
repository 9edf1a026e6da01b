"""The install secret in Secrets Manager: what signs, what verifies, and how one takes the place of another."""

import secrets
from dataclasses import replace
from typing import Any

import boto3
import pytest

from functions.http.pagination import Cursors
from offhook.adapters.secrets_manager.plain_secret import read_plain_secret
from offhook.aws import AwsPorts
from offhook.errors import NotConfiguredError, OffhookError, StorageError
from offhook.settings import Settings

FIRST, SECOND = "first-" + "1" * 32, "second-" + "2" * 32


@pytest.fixture
def manager(aws_endpoint_url: str) -> Any:
    assert aws_endpoint_url
    client: Any = boto3.client("secretsmanager")
    return client


@pytest.fixture
def secret_id(manager: Any) -> str:
    name = f"offhook/{secrets.token_hex(4)}"
    manager.create_secret(Name=name, SecretString=FIRST)
    return name


def started(secret_id: str) -> AwsPorts:
    """Return what a process that starts now is made of."""
    return AwsPorts(Settings(public_base_url="https://offhook.test", install_secret_id=secret_id))


def pending(manager: Any, secret_id: str) -> str:
    version: str = manager.put_secret_value(
        SecretId=secret_id, SecretString=SECOND, VersionStages=["AWSPENDING"]
    )["VersionId"]
    return version


def promote(manager: Any, secret_id: str, version: str) -> None:
    versions = manager.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
    current = next(each for each, labels in versions.items() if "AWSCURRENT" in labels)
    manager.update_secret_version_stage(
        SecretId=secret_id, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
    )


def assert_reads(reader: AwsPorts, writer: AwsPorts) -> None:
    """Assert that links and cursors of one process are good in another."""
    token = writer.links.continue_url(7).rpartition("/")[2]
    assert reader.links.continued_run_id(token) == 7
    cursor = cursors(writer).write("after-9", of="runs")
    assert cursors(reader).read(cursor, of="runs") == "after-9"


def cursors(ports: AwsPorts) -> Cursors:
    return Cursors(ports.install_secret.current, ports.install_secret.others)


def test_a_secret_that_was_never_rotated_signs_alone(secret_id: str) -> None:
    found = started(secret_id).install_secret
    assert (found.current, found.others) == (FIRST, ())


def test_what_was_signed_before_a_rotation_is_verified_after_it(manager: Any, secret_id: str) -> None:
    before = started(secret_id)
    assert before.links
    assert before.install_secret
    manager.put_secret_value(SecretId=secret_id, SecretString=SECOND)
    after = started(secret_id)
    assert (after.install_secret.current, after.install_secret.others) == (SECOND, (FIRST,))
    assert_reads(after, before)


def test_a_rotation_in_two_steps_has_old_and_new_processes_verify_each_other(
    manager: Any, secret_id: str
) -> None:
    oldest = started(secret_id)
    assert oldest.install_secret.current == FIRST
    version = pending(manager, secret_id)
    old = started(secret_id)
    assert old.install_secret.current == FIRST
    promote(manager, secret_id, version)
    new = started(secret_id)
    assert new.install_secret.current == SECOND
    for reader, writer in ((old, oldest), (oldest, old), (new, old), (old, new)):
        assert_reads(reader, writer)


def test_what_was_rotated_out_twice_is_worth_nothing(manager: Any, secret_id: str) -> None:
    oldest = started(secret_id)
    token = oldest.links.continue_url(7).rpartition("/")[2]
    for text in (SECOND, "third-" + "3" * 32):
        manager.put_secret_value(SecretId=secret_id, SecretString=text)
    with pytest.raises(OffhookError, match="not made by this install"):
        started(secret_id).links.continued_run_id(token)


def test_a_secret_that_is_missing_or_too_short_is_a_sentence(manager: Any, secret_id: str) -> None:
    with pytest.raises(NotConfiguredError, match="OFFHOOK_INSTALL_SECRET_ID names has no value"):
        started(f"{secret_id}-not-there").check_install_secret()
    manager.put_secret_value(SecretId=secret_id, SecretString="short-secret")
    with pytest.raises(NotConfiguredError, match="at least 32 characters") as refusal:
        started(secret_id).check_install_secret()
    assert "short-secret" not in str(refusal.value)


def test_a_secrets_manager_that_is_away_is_a_sentence(
    secret_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match="Secrets Manager"):
        started(secret_id).check_install_secret()


def test_no_text_of_the_ports_shows_the_secret(secret_id: str) -> None:
    assert FIRST not in repr(started(secret_id).install_secret)


def test_a_plain_secret_needs_no_secrets_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    ports = AwsPorts(replace(Settings(), install_secret=FIRST))
    ports.check_install_secret()
    assert ports.install_secret.current == FIRST


def test_the_key_of_an_endpoint_of_models_is_the_text_of_its_secret(manager: Any) -> None:
    name = f"offhook/{secrets.token_hex(4)}"
    manager.create_secret(Name=name, SecretString=" the-key\n")
    assert read_plain_secret(name, "OFFHOOK_LLM_API_KEY_ID") == "the-key"
    with pytest.raises(NotConfiguredError, match="OFFHOOK_LLM_API_KEY_ID"):
        read_plain_secret(f"{name}-none", "OFFHOOK_LLM_API_KEY_ID")
