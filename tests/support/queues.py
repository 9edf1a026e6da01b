"""Reading back what was sent to a queue that the tests of one worker share."""

import json
from collections.abc import Container
from typing import TYPE_CHECKING

from offhook.adapters.sqs.queue import SqsQueue
from offhook.runs.queues import WorkQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


def messages_for(queue: WorkQueue, run_ids: Container[int]) -> list[int]:
    """Take every message that can be had at this moment, and return the ids of these runs among them."""
    assert isinstance(queue, SqsQueue)
    found: list[int] = []
    while messages := _receive(queue):
        for message in messages:
            queue._client.delete_message(QueueUrl=queue._url, ReceiptHandle=message["ReceiptHandle"])
            run_id = json.loads(message["Body"])["run_id"]
            found += [run_id] if run_id in run_ids else []
    return found


def _receive(queue: SqsQueue) -> "list[MessageTypeDef]":
    got = queue._client.receive_message(QueueUrl=queue._url, MaxNumberOfMessages=10)
    return got.get("Messages", [])
