"""A queue of run ids on SQS."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import sdk_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def sqs_client(**config: Any) -> "SQSClient":
    """Build a client from the SDK's own environment, with time limits."""
    return cast("SQSClient", make_client("sqs", **config))


class SqsQueue:
    """Implements WorkQueue; a message is `{"run_id": n}`."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> "SQSClient":
        return sqs_client()

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        with sdk_errors("SQS"):
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps({"run_id": run_id}), DelaySeconds=delay_seconds
            )
