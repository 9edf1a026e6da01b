"""Callbacks: the finished run, posted once to where whoever ordered it wants it, signed, and tried again for half an hour."""

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil

from offhook.addresses import UnsafeAddressError
from offhook.clock import Clock
from offhook.errors import ConflictError
from offhook.runs.document import run_document
from offhook.runs.ending.ender import REPLY_LIMIT
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Callback, CallbackStatus, Run
from offhook.runs.ports import Courier, DeliveryError, MediaStore, RunRepository
from offhook.runs.queues import WorkQueue
from offhook.signing import webhook_secret

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (10, 60, 5 * 60, 15 * 60, 15 * 60)
"""How long is waited after each attempt that failed; after one more, the callback has failed."""

LONGEST_RETRY_AFTER = timedelta(minutes=10)
"""What a receiver may ask for with Retry-After."""

# The receiver knows of no such thing, or has had it: n8n answers 409 to an execution that does not wait any more.
_REFUSED_FOR_GOOD = frozenset({404, 409, 410})
# But an execution that has just had the reply may not wait yet.
_NOT_WAITING_YET = frozenset({404, 409})
_BEGINS_TO_WAIT = timedelta(minutes=1)
# Queues and processes do not agree on the time to the millisecond.
_CLOCK_TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDelivery:
    """Delivers callbacks. A message that comes twice delivers once: each attempt is claimed on the run first."""

    runs: RunRepository
    ledgers: Ledgers
    aftercalls: WorkQueue
    courier: Courier
    media: MediaStore
    clock: Clock
    install_secret: str = field(repr=False)

    def deliver(self, run_id: int) -> None:
        """Make the attempt that is due for this run, if one is; raise StorageError, after which it may be asked again."""
        run = next(iter(self.runs.get_many([run_id])), None)
        if run is None or run.callback is None or not run.status.is_final:
            return
        if run.callback.status is not CallbackStatus.PENDING:
            self._forget(run)
        elif is_due(run, run.callback, self.clock()):
            self._attempt(run, run.callback)

    def _attempt(self, run: Run, callback: Callback) -> None:
        if callback.attempts > len(RETRY_AFTER_SECONDS):
            # The process of the last attempt did not live to say what became of it.
            self._close(run, replace(callback, status=CallbackStatus.FAILED))
            return
        now = self.clock()
        claimed = replace(callback, attempts=callback.attempts + 1, last_attempt_at=now, retry_at=None)
        try:
            self.runs.note_callback(run, claimed)
        except ConflictError:
            # The same message came twice, and the other one delivers.
            return
        told = self._post(replace(run, callback=claimed), claimed, now)
        if told.status is CallbackStatus.PENDING and claimed.attempts <= len(RETRY_AFTER_SECONDS):
            self._try_later(replace(run, callback=claimed), told, now)
            return
        final = CallbackStatus.FAILED if told.status is CallbackStatus.PENDING else told.status
        self._close(replace(run, callback=claimed), replace(claimed, status=final))

    def _try_later(self, run: Run, told: Callback, now: datetime) -> None:
        delay_seconds = RETRY_AFTER_SECONDS[told.attempts - 1]
        if told.retry_at is not None and told.retry_at > now + timedelta(seconds=delay_seconds):
            delay_seconds = ceil((told.retry_at - now).total_seconds())
            self.runs.note_callback(run, told)
        self.aftercalls.send(run.id, delay_seconds=delay_seconds)

    def _post(self, run: Run, callback: Callback, now: datetime) -> Callback:
        """Post the run and return what has become of its callback: delivered, failed for good, or still pending."""
        body = json.dumps(run_document(run, self.media).model_dump(mode="json")).encode()
        secret = webhook_secret(self.install_secret, run.organization_id)
        try:
            receipt = self.courier.send(callback.url, body, headers_of(run.id, callback, body, secret, now))
        except UnsafeAddressError:
            return _told(run, callback, "address-not-allowed", CallbackStatus.FAILED)
        except DeliveryError as error:
            status = CallbackStatus.PENDING if error.retryable else CallbackStatus.FAILED
            return _told(run, callback, error.code, status)
        told = _told(run, callback, str(receipt.status), _meaning(run, receipt.status, now))
        return replace(told, retry_at=retry_time(receipt.retry_after, now))

    def _close(self, run: Run, callback: Callback) -> None:
        self.runs.note_callback(run, callback)
        self._forget(run)

    def _forget(self, run: Run) -> None:
        self.ledgers.forget(run.organization_id, run.id, run.agent_uuid)


def first_attempt_at(run: Run) -> datetime:
    """Return when the run may first be posted: a call to a busy number is over before its order is answered."""
    return run.created_at + REPLY_LIMIT


def is_due(run: Run, callback: Callback, now: datetime) -> bool:
    """Say whether the next attempt may be made: no earlier one can still be under way, and its delay is over."""
    if callback.last_attempt_at is None:
        return now >= first_attempt_at(run) - _CLOCK_TOLERANCE
    if callback.retry_at is not None and now < callback.retry_at - _CLOCK_TOLERANCE:
        return False
    delay_seconds = RETRY_AFTER_SECONDS[min(callback.attempts, len(RETRY_AFTER_SECONDS)) - 1]
    return now >= callback.last_attempt_at + timedelta(seconds=delay_seconds) - _CLOCK_TOLERANCE


def retry_time(retry_after: str | None, now: datetime) -> datetime | None:
    """Return the instant that a Retry-After header means (RFC 9110, 10.2.3), ten minutes ahead at most."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        seconds = min(int(retry_after[:9]), int(LONGEST_RETRY_AFTER.total_seconds()))
        return now + timedelta(seconds=seconds)
    try:
        asked = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return min(asked.astimezone(UTC), now + LONGEST_RETRY_AFTER)


def headers_of(run_id: int, callback: Callback, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers of an attempt; a receiver knows by them whose post it is, and whether it had it before."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Offhook/1",
        "X-Offhook-Delivery": str(run_id),
        "X-Offhook-Attempt": str(callback.attempts),
        "X-Offhook-Signature": signature(body, secret, now),
    }


def signature(body: bytes, secret: str, now: datetime) -> str:
    """Return `t=<unix seconds>,v1=<HMAC-SHA256 over "<t>.<body>" in hexadecimal>`."""
    t = int(now.timestamp())
    mac = hmac.digest(secret.encode(), f"{t}.".encode() + body, hashlib.sha256)
    return f"t={t},v1={mac.hex()}"


def _meaning(run: Run, status: int, now: datetime) -> CallbackStatus:
    if 200 <= status < 300:
        return CallbackStatus.DELIVERED
    may_wait_soon = status in _NOT_WAITING_YET and now < first_attempt_at(run) + _BEGINS_TO_WAIT
    return (
        CallbackStatus.FAILED if status in _REFUSED_FOR_GOOD and not may_wait_soon else CallbackStatus.PENDING
    )


def _told(run: Run, callback: Callback, answer: str, status: CallbackStatus) -> Callback:
    logger.info("callback posted", extra={"run_id": run.id, "answer": answer, "status": status.value})
    return replace(callback, status=status)
