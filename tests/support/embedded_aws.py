"""Starts the embedded AWS as the product does: a child process that says where it is."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import boto3
from botocore.config import Config
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedAws:
    """A running embedded AWS and clients of it."""

    process: "subprocess.Popen[str]"
    url: str

    def dynamodb(self) -> DynamoDBClient:
        return _SESSION.client("dynamodb", endpoint_url=self.url, config=_NO_RETRIES)

    def sqs(self, name: str = "work") -> tuple[SQSClient, str]:
        """Return a client and the URL of a queue."""
        client = _SESSION.client("sqs", endpoint_url=self.url, config=_NO_RETRIES)
        return client, client.create_queue(QueueName=name)["QueueUrl"]

    def s3(self) -> S3Client:
        return _SESSION.client("s3", endpoint_url=self.url, config=_NO_RETRIES)

    @property
    def stdin(self) -> IO[str]:
        assert self.process.stdin
        return self.process.stdin


SERVER = (sys.executable, "-m", "local.aws.server")


@contextmanager
def embedded_aws(
    data: Path | None = None, *, stderr: int | None = None, command: Sequence[str] = SERVER
) -> Iterator[EmbeddedAws]:
    with subprocess.Popen(
        [*command, *(["--data", str(data)] if data else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as process:
        try:
            assert process.stdout
            yield EmbeddedAws(process=process, url=json.loads(process.stdout.readline())["url"])
        finally:
            process.kill()


_SESSION = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name="eu-central-1")
_NO_RETRIES = Config(retries={"total_max_attempts": 1})
