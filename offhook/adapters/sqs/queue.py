"""A queue of run ids on SQS."""

import json
from typing import TYPE_CHECKING

import boto3
from botocore.client import Config

from offhook.adapters.sdk_errors import sdk_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def sqs_client(*, endpoint_url: str | None = None) -> "SQSClient":
    """Build a client from the SDK's own environment, with time limits."""
    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
    return boto3.session.Session().client("sqs", endpoint_url=endpoint_url, config=config)


class SqsQueue:
    """Implements WorkQueue; a message is `{"run_id": n}`."""

    def __init__(self, url: str, client: "SQSClient | None" = None) -> None:
        self._url = url
        self._client = client or sqs_client()

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        with sdk_errors("SQS"):
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps({"run_id": run_id}), DelaySeconds=delay_seconds
            )
