"""The embedded AWS's queues: messages at once, waits that hold nobody up, messages that come back."""

import threading
from pathlib import Path
from time import monotonic

import pytest
from botocore.exceptions import ClientError

from tests.support.embedded_aws import EmbeddedAws, embedded_aws

LONG_WAIT_SECONDS = 15


def receive(aws: EmbeddedAws, *, wait_seconds: int = 0, visibility_seconds: int = 30) -> list[str]:
    client, url = aws.sqs()
    got = client.receive_message(
        QueueUrl=url, WaitTimeSeconds=wait_seconds, VisibilityTimeout=visibility_seconds
    )
    return [message["Body"] for message in got.get("Messages", [])]


def send(aws: EmbeddedAws, body: str, *, delay_seconds: int = 0) -> None:
    client, url = aws.sqs()
    client.send_message(QueueUrl=url, MessageBody=body, DelaySeconds=delay_seconds)


def test_who_waits_for_a_message_gets_it_as_it_comes_and_holds_nobody_up() -> None:
    with embedded_aws() as aws:
        aws.sqs()
        got: list[str] = []
        waiter = threading.Thread(target=lambda: got.extend(receive(aws, wait_seconds=LONG_WAIT_SECONDS)))
        start = monotonic()
        waiter.start()
        for _ in range(20):
            aws.dynamodb().list_tables()
        assert waiter.is_alive()
        send(aws, "now")
        waiter.join()
        assert got == ["now"]
        assert monotonic() - start < LONG_WAIT_SECONDS


def test_a_wait_for_an_empty_queue_ends() -> None:
    with embedded_aws() as aws:
        assert receive(aws, wait_seconds=1) == []


def test_a_delayed_message_ends_a_long_enough_wait() -> None:
    with embedded_aws() as aws:
        send(aws, "later", delay_seconds=3)
        start = monotonic()
        assert receive(aws, wait_seconds=LONG_WAIT_SECONDS) == ["later"]
        assert monotonic() - start < LONG_WAIT_SECONDS


def test_a_wait_ends_before_a_message_that_is_delayed_for_longer() -> None:
    with embedded_aws() as aws:
        send(aws, "later", delay_seconds=60)
        start = monotonic()
        assert receive(aws, wait_seconds=1) == []
        assert monotonic() - start < 30


def test_a_message_that_is_not_deleted_comes_again() -> None:
    with embedded_aws() as aws:
        send(aws, "taken")
        assert receive(aws) == ["taken"]
        assert receive(aws) == []
        send(aws, "again")
        assert receive(aws, visibility_seconds=1) == ["again"]
        assert receive(aws, wait_seconds=LONG_WAIT_SECONDS) == ["again"]


def test_a_queue_that_is_not_there_is_refused_at_once() -> None:
    with embedded_aws() as aws:
        client, url = aws.sqs()
        with pytest.raises(ClientError) as refused:
            client.receive_message(QueueUrl=f"{url}-not", WaitTimeSeconds=LONG_WAIT_SECONDS)
        assert refused.value.response["Error"]["Code"].endswith("NonExistentQueue")


def test_messages_end_with_the_process_and_all_else_is_there_again(tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as aws:
        aws.s3().create_bucket(
            Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        send(aws, "lost")
    with embedded_aws(tmp_path) as aws:
        assert receive(aws) == []
        assert [bucket["Name"] for bucket in aws.s3().list_buckets()["Buckets"]] == ["media"]
