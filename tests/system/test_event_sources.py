"""What feeds the functions that no request calls: each message reaches its function, until it is done with."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import boto3
import pytest
from mypy_boto3_sqs import SQSClient

from local.aws.event_sources import EventHandler, EventSources, QueueSource, Schedule
from offhook.adapters.sqs.queue import SqsQueue
from tests.support.embedded_aws import embedded_aws
from tests.support.processes import wait_for

LIMIT_S = 20


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SQSClient, str]]:
    """Return a client and a queue whose messages come back after one second."""
    with embedded_aws() as aws:
        environment = {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        client = boto3.session.Session().client("sqs")
        url = client.create_queue(QueueName="dials", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
        yield client, url


@contextmanager
def feeding(url: str, handler: EventHandler) -> Iterator[None]:
    queue = QueueSource(function_name="dialer", url=url, handler=handler)
    with EventSources(queues=[queue], schedules=[]):
        yield


def run_id_of(event: dict[str, Any]) -> int:
    (record,) = event["Records"]
    run_id: int = json.loads(record["body"])["run_id"]
    return run_id


def failed(event: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


def left_in(client: SQSClient, url: str) -> int:
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    visible = int(attributes["ApproximateNumberOfMessages"])
    return visible + int(attributes["ApproximateNumberOfMessagesNotVisible"])


def test_each_message_reaches_the_function_and_is_gone(sqs: tuple[SQSClient, str]) -> None:
    client, url = sqs
    seen: Queue[int] = Queue()

    def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
        seen.put(run_id_of(event))
        return {"batchItemFailures": []}

    with feeding(url, handler):
        for run_id in range(10):
            SqsQueue(url).send(run_id)
        # One may come twice, as a queue's messages do.
        missing = set(range(10))
        while missing:
            missing.discard(seen.get(timeout=LIMIT_S))
        wait_for(lambda: left_in(client, url) == 0, LIMIT_S)


def test_what_a_function_has_not_done_comes_again(
    sqs: tuple[SQSClient, str], caplog: pytest.LogCaptureFixture
) -> None:
    _, url = sqs
    seen: Queue[int] = Queue()

    def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
        seen.put(run_id_of(event))
        if seen.qsize() == 1:
            return failed(event)
        if seen.qsize() == 2:
            raise RuntimeError("+12025550143 is a number that no log may hold")
        return {"batchItemFailures": []}

    with feeding(url, handler):
        SqsQueue(url).send(7)
        wait_for(lambda: seen.qsize() == 3, LIMIT_S)
    assert [seen.get() for _ in range(3)] == [7, 7, 7]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "function failed"
    ]
    assert "2025550143" not in caplog.text


def test_a_slow_message_does_not_hold_up_the_others(sqs: tuple[SQSClient, str]) -> None:
    client, url = sqs
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    release = threading.Event()
    seen: Queue[int] = Queue()

    def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
        run_id = run_id_of(event)
        if run_id == 0:
            release.wait(LIMIT_S)
        seen.put(run_id)
        return {"batchItemFailures": []}

    with feeding(url, handler):
        for run_id in range(4):
            SqsQueue(url).send(run_id)
        assert {seen.get(timeout=LIMIT_S) for _ in range(3)} == {1, 2, 3}
        release.set()
        assert seen.get(timeout=LIMIT_S) == 0


def test_a_schedule_calls_until_it_is_stopped_and_bears_a_failure() -> None:
    calls: Queue[dict[str, Any]] = Queue()

    def handler(event: dict[str, Any], _: Any) -> None:
        calls.put(event)
        raise RuntimeError

    with EventSources(
        queues=[], schedules=[Schedule(function_name="reaper", every_seconds=0.01, handler=handler)]
    ):
        assert [calls.get(timeout=LIMIT_S) for _ in range(3)] == [{}, {}, {}]
