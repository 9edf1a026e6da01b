"""Fixtures of storage: an AWS of one's own for each pytest worker, tables in it, and an organization for each test."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader, Loader

from offhook.adapters import sdk
from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.dynamodb.tables import create_tables
from offhook.adapters.s3.media import S3Media
from offhook.agents.engines import EMBEDDED
from offhook.settings import Settings

_list_services = Loader.list_available_services


class _OnceReadFiles(JSONFileLoader):
    """Reads the SDK's definitions once for all its sessions, each of which would read megabytes anew."""

    def load_file(self, file_path: str) -> Any:
        return _definition(file_path)


@cache
def _definition(path: str) -> Any:
    return JSONFileLoader().load_file(path)


def _services(loader: Loader, type_name: str) -> list[str]:
    """Return the services that a loader knows; it would look through four hundred folders for each session."""
    return _services_in(tuple(loader.search_paths), type_name)


@cache
def _services_in(paths: tuple[str, ...], type_name: str) -> list[str]:
    loader = Loader(include_default_search_paths=False)
    loader.search_paths.extend(paths)
    return _list_services(loader, type_name)


@pytest.fixture(scope="session")
def aws_endpoint_url() -> Iterator[str]:
    """Start an empty AWS, with which the SDK's own variables agree, and return its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.moto_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with pytest.MonkeyPatch.context() as patch, process:
        url = process.stdout.readline().decode().strip()
        assert url, "the AWS of the tests did not start"
        for name, value in _environment(url).items():
            patch.setenv(name, value)
        patch.setattr(Loader, "FILE_LOADER_CLASS", _OnceReadFiles)
        patch.setattr(Loader, "list_available_services", _services)
        # It answers when the machine lets it, and that is no failure of ours.
        patch.setattr(sdk, "READ_TIMEOUT_S", 60)
        yield url
        process.stdin.close()


@pytest.fixture(scope="session")
def storage_settings(aws_endpoint_url: str) -> Settings:
    """Return settings whose tables and bucket exist; share them, and keep tests apart by `organization_id`."""
    prefix = f"test-{secrets.token_hex(4)}"
    sqs = boto3.client("sqs")
    settings = Settings(
        recognisers=EMBEDDED,
        synthesisers=EMBEDDED,
        infrastructure=EMBEDDED,
        install_secret="a-secret-for-tests-of-32-characters",
        media_bucket=f"{prefix}-media",
        dial_queue_url=sqs.create_queue(QueueName=f"{prefix}-dials")["QueueUrl"],
        aftercall_queue_url=sqs.create_queue(QueueName=f"{prefix}-aftercalls")["QueueUrl"],
        campaign_queue_url=sqs.create_queue(QueueName=f"{prefix}-campaigns")["QueueUrl"],
    )
    boto3.client("s3").create_bucket(Bucket=settings.media_bucket)
    return with_tables_of_its_own(settings)


@cache
def client_of(service: str) -> Any:
    """Return the one client of a service that tests of this worker arrange things with: making one takes 60 ms."""
    return boto3.client(service)  # type: ignore[call-overload]


def with_tables_of_its_own(settings: Settings) -> Settings:
    """Return the settings with other tables, which exist and hold nothing.

    For what looks at all that is stored: in the shared tables that is everything that the tests before have left.
    """
    prefix = f"test-{secrets.token_hex(4)}"
    changed = replace(
        settings,
        config_table=f"{prefix}-config",
        runs_table=f"{prefix}-runs",
        events_table=f"{prefix}-events",
    )
    create_tables(client_of("dynamodb"), changed)
    return changed


@pytest.fixture(scope="session")
def store(storage_settings: Settings) -> Store:
    """Return the repositories on DynamoDB, found through the SDK's own variables."""
    return connect(storage_settings)


@pytest.fixture(scope="session")
def media(storage_settings: Settings) -> S3Media:
    """Return the media store on S3."""
    return S3Media(storage_settings.media_bucket)


@pytest.fixture
def organization_id() -> str:
    """Return an organization that no other test uses."""
    return f"org-{secrets.token_hex(6)}"


def _environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
