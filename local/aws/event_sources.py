"""What Lambda's event source mappings and a schedule do on AWS: they call functions with messages, and every so often.

Threads, because the functions block; daemons, because to be stopped in the middle is what every function must bear:
its message comes back, or the reaper asks again.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from offhook.adapters.sqs.queue import sqs_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

logger = logging.getLogger(__name__)

EventHandler = Callable[[dict[str, Any], Any], Any]

VISIBILITY_SECONDS = 150
"""After which a message that was not done with comes back: longer than a function may take."""

_WAIT_SECONDS = 20
_PAUSE_SECONDS = 1.0
_GRACE_SECONDS = 2.0
# A receiver of callbacks that takes its time must not hold the others' up.
_WORKERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSource:
    """A queue and the function that its messages go to."""

    function_name: str
    url: str
    handler: EventHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A function that is called at the start, and again after each interval."""

    function_name: str
    every_seconds: float
    handler: EventHandler


class EventSources:
    """Use as `with EventSources(queues=…, schedules=…):`, or call `start` and `stop`, which block."""

    def __init__(self, *, queues: Sequence[QueueSource], schedules: Sequence[Schedule]) -> None:
        self._queues = queues
        self._schedules = schedules
        self._stopped = threading.Event()
        self._busy = 0
        self._is_idle = threading.Condition()

    def start(self) -> None:
        for queue in self._queues:
            client = _patient_client()
            for _ in range(_WORKERS):
                self._start(queue.function_name, self._serve, queue, client)
        for schedule in self._schedules:
            self._start(schedule.function_name, self._repeat, schedule)

    def stop(self) -> None:
        """Call nothing any more; what is being done gets a moment, what waits for a message does not."""
        self._stopped.set()
        with self._is_idle:
            self._is_idle.wait_for(lambda: not self._busy, _GRACE_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=target, args=arguments, name=name, daemon=True).start()

    def _serve(self, queue: QueueSource, client: "SQSClient") -> None:
        while not self._stopped.is_set():
            try:
                for message in _receive(client, queue.url):
                    # Who was told to stop while it waited leaves what came for the next start.
                    if not self._stopped.is_set() and self._is_done(queue, message):
                        client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
            except (BotoCoreError, ClientError) as error:
                if not self._stopped.is_set():
                    told = {"function": queue.function_name, "error_type": type(error).__name__}
                    logger.warning("queue not read", extra=told)
                self._stopped.wait(_PAUSE_SECONDS)

    def _repeat(self, schedule: Schedule) -> None:
        # At once, for what was sent before a restart is in no queue any more.
        while not self._stopped.is_set():
            self._invoke(schedule.function_name, schedule.handler, {})
            self._stopped.wait(schedule.every_seconds)

    def _is_done(self, queue: QueueSource, message: "MessageTypeDef") -> bool:
        answer = self._invoke(queue.function_name, queue.handler, {"Records": [_record(message)]})
        return isinstance(answer, Mapping) and not answer.get("batchItemFailures")

    def _invoke(self, function_name: str, handler: EventHandler, event: dict[str, Any]) -> Any:
        """Call a function and return its answer, None when it failed."""
        with self._counted():
            try:
                # No function of ours asks Lambda's context for anything.
                return handler(event, None)
            except Exception as error:  # noqa: BLE001 - the top of a message, whose accident must not end the others
                # The type and no more: a text may hold what a tenant has sent.
                logger.error(  # noqa: TRY400
                    "function failed",
                    extra={"function": function_name, "error_type": type(error).__name__},
                )
                return None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._is_idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._is_idle:
                self._busy -= 1
                self._is_idle.notify_all()


def _receive(client: "SQSClient", url: str) -> "Sequence[MessageTypeDef]":
    # One at a time: each is done with, or comes back, by itself.
    got = client.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=_WAIT_SECONDS)
    return got.get("Messages", [])


def _record(message: "MessageTypeDef") -> dict[str, Any]:
    """Write a message as SQS's events of Lambda do."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def _patient_client() -> "SQSClient":
    return sqs_client(
        read_timeout=_WAIT_SECONDS + 5, retries={"total_max_attempts": 1}, max_pool_connections=_WORKERS
    )
