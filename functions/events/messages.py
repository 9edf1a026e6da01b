"""Messages of a queue, taken one by one: what fails is answered as failed, and comes again."""

import json
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from functions.events import EventHandler
from functions.failures import fields_of

logger = logging.getLogger("offhook.messages")


class Body(BaseModel):
    """A message."""

    @property
    def fields(self) -> dict[str, Any]:
        """What log lines tell of it."""
        return {}


class _Run(Body):
    """A message: `{"run_id": n}`."""

    run_id: int = Field(gt=0, strict=True)

    @property
    def fields(self) -> dict[str, Any]:
        return {"run_id": self.run_id}


BodyT = TypeVar("BodyT", bound=Body)


def each_run(work: Callable[[int], None]) -> EventHandler:
    """Return a handler that does the work for the run of each message, whatever happens to the others."""
    return each_message(_Run, lambda message: work(message.run_id))


def each_message(body: type[BodyT], work: Callable[[BodyT], None]) -> EventHandler:
    """Return a handler that does the work for each message, whatever happens to the others."""

    def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
        failed = [record["messageId"] for record in event["Records"] if not _is_done(record, body, work)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return handler


def _is_done(record: dict[str, Any], body: type[BodyT], work: Callable[[BodyT], None]) -> bool:
    told: dict[str, Any] = {}
    try:
        message = body.model_validate(json.loads(record["body"]))
        told = message.fields
        work(message)
    except Exception as error:  # noqa: BLE001 (the top of a message)
        logger.error("message failed", extra=told | fields_of(error))  # noqa: TRY400
        return False
    logger.info("message handled", extra=told)
    return True
