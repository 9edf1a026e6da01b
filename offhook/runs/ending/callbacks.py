"""Callbacks: the finished run, posted once to where whoever ordered it wants it, signed, and tried again for half an hour."""

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offhook.addresses import UnsafeAddressError
from offhook.clock import Clock
from offhook.errors import ConflictError
from offhook.runs.document import run_document
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Callback, CallbackStatus, Run
from offhook.runs.ports import Courier, DeliveryError, MediaStore, RunRepository
from offhook.runs.queues import WorkQueue
from offhook.signing import webhook_secret

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (10, 60, 5 * 60, 15 * 60, 15 * 60)
"""How long is waited after each attempt that failed; after one more, the callback has failed."""

# The receiver knows of no such thing, or has had it: n8n answers 409 to an execution that does not wait any more.
_REFUSED_FOR_GOOD = frozenset({404, 409, 410})
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
        elif is_due(run.callback, self.clock()):
            self._attempt(run, run.callback)

    def _attempt(self, run: Run, callback: Callback) -> None:
        if callback.attempts > len(RETRY_AFTER_SECONDS):
            # The process of the last attempt did not live to say what became of it.
            self._close(run, replace(callback, status=CallbackStatus.FAILED))
            return
        now = self.clock()
        claimed = replace(callback, attempts=callback.attempts + 1, last_attempt_at=now)
        try:
            self.runs.note_callback(run, claimed)
        except ConflictError:
            # The same message came twice, and the other one delivers.
            return
        status = self._post(replace(run, callback=claimed), claimed, now)
        if status is CallbackStatus.PENDING and claimed.attempts <= len(RETRY_AFTER_SECONDS):
            self.aftercalls.send(run.id, delay_seconds=RETRY_AFTER_SECONDS[claimed.attempts - 1])
            return
        final = CallbackStatus.FAILED if status is CallbackStatus.PENDING else status
        self._close(replace(run, callback=claimed), replace(claimed, status=final))

    def _post(self, run: Run, callback: Callback, now: datetime) -> CallbackStatus:
        """Post the run and return what that says: delivered, failed for good, or pending, to be tried again."""
        body = json.dumps(run_document(run, self.media).model_dump(mode="json")).encode()
        secret = webhook_secret(self.install_secret, run.organization_id)
        try:
            status = self.courier.post(callback.url, body, headers_of(run.id, callback, body, secret, now))
        except UnsafeAddressError:
            return _told(run, "address-not-allowed", CallbackStatus.FAILED)
        except DeliveryError as error:
            return _told(
                run, error.code, CallbackStatus.PENDING if error.retryable else CallbackStatus.FAILED
            )
        if 200 <= status < 300:
            return _told(run, str(status), CallbackStatus.DELIVERED)
        is_final = status in _REFUSED_FOR_GOOD
        return _told(run, str(status), CallbackStatus.FAILED if is_final else CallbackStatus.PENDING)

    def _close(self, run: Run, callback: Callback) -> None:
        self.runs.note_callback(run, callback)
        self._forget(run)

    def _forget(self, run: Run) -> None:
        self.ledgers.forget(run.organization_id, run.id, run.agent_uuid)


def is_due(callback: Callback, now: datetime) -> bool:
    """Say whether the next attempt may be made: no earlier one can still be under way, and its delay is over."""
    if callback.last_attempt_at is None:
        return True
    delay_seconds = RETRY_AFTER_SECONDS[min(callback.attempts, len(RETRY_AFTER_SECONDS)) - 1]
    return now >= callback.last_attempt_at + timedelta(seconds=delay_seconds) - _CLOCK_TOLERANCE


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


def _told(run: Run, answer: str, status: CallbackStatus) -> CallbackStatus:
    logger.info("callback posted", extra={"run_id": run.id, "answer": answer, "status": status.value})
    return status
