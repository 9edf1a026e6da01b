"""Messages of a queue of run ids, taken one by one: what fails is answered as failed, and comes again."""

import json
import logging
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field

from functions.events import EventHandler
from functions.failures import place_of

logger = logging.getLogger("offhook.messages")


class _Body(BaseModel):
    """A message: `{"run_id": n}`."""

    run_id: int = Field(gt=0, strict=True)


def each_run(work: Callable[[int], None]) -> EventHandler:
    """Return a handler that does the work for the run of each message, whatever happens to the others."""

    def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
        failed = [record["messageId"] for record in event["Records"] if not _is_done(record, work)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return handler


def _is_done(record: dict[str, Any], work: Callable[[int], None]) -> bool:
    run_id = None
    try:
        run_id = _Body.model_validate(json.loads(record["body"])).run_id
        work(run_id)
    except Exception as error:  # noqa: BLE001 (the top of a message)
        fields = {"run_id": run_id, "error_type": type(error).__name__, "error_place": place_of(error)}
        logger.error("message failed", extra=fields)  # noqa: TRY400
        return False
    logger.info("message handled", extra={"run_id": run_id})
    return True
