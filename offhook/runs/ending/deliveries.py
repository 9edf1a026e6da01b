"""Deliveries: the finished run, sent once to each who wants it, signed, and tried again for half an hour.

One goes to the callback of whoever ordered the run, and one for each webhook of its workflow.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import quote

from offhook.clock import Clock
from offhook.errors import ConflictError, InvalidInputError, NotFoundError
from offhook.runs.ending.ender import reply_is_out_at
from offhook.runs.model import Delivery, DeliveryStatus, Run
from offhook.runs.ports import Courier, DeliveryError, RunRepository
from offhook.runs.queues import WorkQueue
from offhook.signing import webhook_secret

if TYPE_CHECKING:
    # Whoever only signs, or tries again by the same times, does without the public form of a run.
    from offhook.runs.ending.packing import RunPacker

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (10, 60, 5 * 60, 15 * 60, 15 * 60)
"""How long is waited after each attempt that failed; after one more, the delivery has failed."""

LONGEST_RETRY_AFTER = timedelta(minutes=10)
"""What a receiver may ask for with Retry-After."""

# The receiver of a callback knows of no such thing, or has had it: n8n answers 409 to an execution that does not wait any
# more.
REFUSED_FOR_GOOD = frozenset({404, 409, 410})
# But an execution that has just had the reply may not wait yet.
_NOT_WAITING_YET = frozenset({404, 409})
_BEGINS_TO_WAIT = timedelta(minutes=1)
# What a webhook's receiver may answer otherwise a moment later; any other refusal is of what is sent, as in Dograh.
_PASSING_REFUSALS = frozenset({408, 425, 429})
# Queues and processes do not agree on the time to the millisecond.
_CLOCK_TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Makes the deliveries of finished runs, each attempt claimed on the run first: a message that comes twice sends once."""

    runs: RunRepository
    aftercalls: WorkQueue
    courier: Courier
    packer: RunPacker
    clock: Clock
    install_secret: str = field(repr=False)

    def deliver(self, run: Run, delivery: Delivery) -> Run:
        """Make the attempt that is due for this delivery, if one is, and return the run as it is then.

        Raises StorageError, after which it may be asked again.
        """
        if delivery.status is not DeliveryStatus.PENDING or not is_due(run, delivery, self.clock()):
            return run
        if delivery.attempts > len(RETRY_AFTER_SECONDS):
            # The process of the last attempt did not live to say what became of it.
            return self._note(run, replace(delivery, status=DeliveryStatus.FAILED))
        now = self.clock()
        claimed = replace(delivery, attempts=delivery.attempts + 1, last_attempt_at=now, retry_at=None)
        try:
            run = self._note(run, claimed)
        except ConflictError:
            # The same message came twice, and the other one delivers.
            return run
        told = self._send(run, claimed, now)
        if told.status is DeliveryStatus.PENDING and claimed.attempts <= len(RETRY_AFTER_SECONDS):
            return self._try_later(run, told, now)
        final = DeliveryStatus.FAILED if told.status is DeliveryStatus.PENDING else told.status
        return self._note(run, replace(told, status=final, retry_at=None))

    def _try_later(self, run: Run, told: Delivery, now: datetime) -> Run:
        delay_seconds = RETRY_AFTER_SECONDS[told.attempts - 1]
        if told.retry_at is not None and told.retry_at > now + timedelta(seconds=delay_seconds):
            delay_seconds = ceil((told.retry_at - now).total_seconds())
        else:
            told = replace(told, retry_at=None)
        run = self._note(run, told)
        self.aftercalls.send(run.id, delay_seconds=delay_seconds)
        return run

    def _send(self, run: Run, delivery: Delivery, now: datetime) -> Delivery:
        """Send the run and return what has become of its delivery: delivered, failed for good, or still pending."""
        try:
            parcel = self.packer.pack(run, delivery)
            secret = webhook_secret(self.install_secret, run.organization_id)
            ours = headers_of(_name(run.id, delivery), delivery, parcel.body, secret, now)
            headers = {**parcel.headers, "X-Offhook-Run": str(run.id), **ours}
            reply = self.courier.send(parcel.url, parcel.body, headers, method=parcel.method)
        except (NotFoundError, InvalidInputError) as error:
            # Of these one is that the address is not allowed any more.
            return _told(run, delivery, error.code, DeliveryStatus.FAILED)
        except DeliveryError as error:
            status = DeliveryStatus.PENDING if error.retryable else DeliveryStatus.FAILED
            return _told(run, delivery, error.code, status)
        told = _told(run, delivery, str(reply.status), _meaning(run, delivery, reply.status, now))
        return replace(told, retry_at=retry_time(reply.headers.get("retry-after"), now))

    def _note(self, run: Run, delivery: Delivery) -> Run:
        self.runs.note_delivery(run, delivery)
        return run.with_delivery(delivery)


def is_due(run: Run, delivery: Delivery, now: datetime) -> bool:
    """Say whether the next attempt may be made: no earlier one can still be under way, and its delay is over."""
    if delivery.last_attempt_at is None:
        return now >= reply_is_out_at(run) - _CLOCK_TOLERANCE
    if delivery.retry_at is not None and now < delivery.retry_at - _CLOCK_TOLERANCE:
        return False
    return now >= delivery.last_attempt_at + delay_after(delivery.attempts) - _CLOCK_TOLERANCE


def delay_after(attempts: int) -> timedelta:
    """Return how long is waited after so many attempts."""
    return timedelta(seconds=RETRY_AFTER_SECONDS[min(attempts, len(RETRY_AFTER_SECONDS)) - 1])


def retry_time(retry_after: str | None, now: datetime) -> datetime | None:
    """Return the instant that a Retry-After header means (RFC 9110, 10.2.3), ten minutes ahead at most."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        seconds = min(int(retry_after[:9]), int(LONGEST_RETRY_AFTER.total_seconds()))
        return now + timedelta(seconds=seconds)
    try:
        asked = parsedate_to_datetime(retry_after)
        # One with the zone -0000 comes without any, and is UTC.
        asked = asked.astimezone(UTC) if asked.tzinfo else asked.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return min(asked, now + LONGEST_RETRY_AFTER)


def headers_of(name: str, delivery: Delivery, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers of an attempt; by the name a receiver knows whether it had the delivery before."""
    return {
        "User-Agent": "Offhook/1",
        "X-Offhook-Delivery": name,
        "X-Offhook-Attempt": str(delivery.attempts),
        "X-Offhook-Signature": signature(body, secret, now),
    }


def signature(body: bytes, secret: str, now: datetime) -> str:
    """Return `t=<unix seconds>,v1=<HMAC-SHA256 over "<t>.<body>" in hexadecimal>`."""
    t = int(now.timestamp())
    mac = hmac.digest(secret.encode(), f"{t}.".encode() + body, hashlib.sha256)
    return f"t={t},v1={mac.hex()}"


def _name(run_id: int, delivery: Delivery) -> str:
    # An id of a node may hold what no header can.
    return str(run_id) if delivery.node_id is None else f"{run_id}-{quote(delivery.node_id, safe='')}"


def _meaning(run: Run, delivery: Delivery, status: int, now: datetime) -> DeliveryStatus:
    if 200 <= status < 300:
        return DeliveryStatus.DELIVERED
    if delivery.node_id is None:
        may_wait_soon = status in _NOT_WAITING_YET and now < reply_is_out_at(run) + _BEGINS_TO_WAIT
        is_final = status in REFUSED_FOR_GOOD and not may_wait_soon
    else:
        is_final = status < 500 and status not in _PASSING_REFUSALS
    return DeliveryStatus.FAILED if is_final else DeliveryStatus.PENDING


def _told(run: Run, delivery: Delivery, answer: str, status: DeliveryStatus) -> Delivery:
    fields = {"run_id": run.id, "node_id": delivery.node_id, "answer": answer, "status": status.value}
    logger.info("run delivered" if status is DeliveryStatus.DELIVERED else "run not delivered", extra=fields)
    return replace(delivery, status=status, answer=answer)
