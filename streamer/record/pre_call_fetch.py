"""The fetch before a call's first word: the organization's own system is asked who calls, and given little time for it."""

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial

from offhook.clock import Clock
from offhook.errors import OffhookError
from offhook.json_types import JsonObject
from offhook.runs.ending.deliveries import signature
from offhook.runs.fetched import answer_of, question_of
from offhook.runs.log.events import ErrorEvent, Event, FetchedEvent
from offhook.runs.model import Run
from offhook.runs.ports import Courier
from offhook.signing import webhook_secret
from offhook.tools.presenting import Wallet
from offhook.workflows.nodes import StartNode
from streamer.loop_time import now_s
from streamer.tools.fair_threads import FairThreads

logger = logging.getLogger(__name__)

# Each is busy for two seconds at most; who finds none in time goes on without an answer. An organization whose system is
# slow leaves some to the others.
_THREADS, _MOST_OF_ONE = 48, 32
# A call asks once and waits no longer than its agent says: all that a process can have may wait.
_MOST_WAITING = 10_000
# So much later a thread gives up than the call, on a clock of its own: the call alone says that it was too slow.
_LATER_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was fetched for a call, and what its log is told of that."""

    values: JsonObject = field(default_factory=dict)
    event: Event | None = None


class PreCallFetch:
    """Asks the systems of all organizations; one for all calls of the process."""

    def __init__(self, courier: Courier, wallet: Wallet, *, clock: Clock, install_secret: str) -> None:
        self._courier = courier
        self._wallet = wallet
        self._clock = clock
        self._install_secret = install_secret
        self._threads = FairThreads(
            "fetch", size=_THREADS, most_of_one=_MOST_OF_ONE, most_waiting=_MOST_WAITING
        )

    async def ask(self, run: Run, start: StartNode, limit_ms: int) -> Fetched:
        """Return what is told of the call within so long; whatever fails, the call goes on without it."""
        if not start.fetches(run.direction):
            return Fetched()
        began_s = now_s()
        try:
            async with asyncio.timeout(limit_ms / 1000):
                ask = partial(self._ask, run, start, limit_ms / 1000 + _LATER_S)
                values = await self._threads.run(run.organization_id, ask)
        except TimeoutError:
            return _without(run, "fetch-too-slow", f"The address did not answer within {limit_ms} ms.")
        except OffhookError as error:
            return _without(run, error.code, error.detail)
        took_ms = round((now_s() - began_s) * 1000)
        return Fetched(values=values, event=FetchedEvent(values=values, duration_ms=took_ms))

    def close(self) -> None:
        """Ask no more; what is under way ends by itself."""
        self._threads.close()

    def _ask(self, run: Run, start: StartNode, limit_s: float) -> JsonObject:
        data, body = start.data, question_of(run)
        secret = webhook_secret(self._install_secret, run.organization_id)
        headers = {
            "Content-Type": "application/json",
            **self._wallet.headers(run.organization_id, data.pre_call_fetch_credential_uuid),
            "X-Offhook-Run": str(run.id),
            "X-Offhook-Signature": signature(body, secret, self._clock()),
        }
        reply = self._courier.request(
            "POST", data.pre_call_fetch_url, headers=headers, body=body, timeout=limit_s
        )
        return answer_of(run, reply.status, reply.body)


def _without(run: Run, code: str, why: str) -> Fetched:
    logger.warning("nothing fetched before a call", extra={"run_id": run.id, "code": code})
    message = f"Nothing was fetched before the call: {why}"
    return Fetched(event=ErrorEvent(code=code, message=message, node_id=None, recoverable=True))
