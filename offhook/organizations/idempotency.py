"""One intent, one effect: a request that is sent again under the same key is answered, not carried out again.

The key is claimed before anything happens, together with the id that the new thing will have (`resource_id`). So a
request whose process died in the middle is carried out again under the same id, and finds what the first one made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

REMEMBERED_FOR = timedelta(hours=24)
"""How long a key stands for its first request."""

STALE_AFTER = timedelta(seconds=30)
"""Longer than any request of ours may take: a claim without a reply by then has lost its process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReply:
    """What was answered: without secrets, since it is kept."""

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who holds a key, for which request, under which id the new thing is made, and what was answered (None: not yet).

    `fingerprint` is the SHA-256 of method, path and body; `attempt` names one process's try.
    """

    organization_id: str
    key: str
    fingerprint: str
    resource_id: str
    attempt: str
    claimed_at: datetime
    reply: StoredReply | None = None


class IdempotencyKeys(Protocol):
    """The stored claims. Synchronous; may block for a network round trip. Keys are stored as hashes."""

    def claim(self, claim: Claim) -> Claim:
        """Store the claim unless its key is held, and return the one that holds it; one of yesterday holds nothing."""

    def reclaim(self, stale: Claim, attempt: str, now: datetime) -> Claim:
        """Hold a stale claim for another attempt and return it, its `resource_id` unchanged.

        Raises ConflictError when somebody else was faster.
        """

    def rebind(self, claim: Claim, resource_id: str) -> Claim:
        """Record that the thing is made under another id, and return the claim; raise ConflictError if it is lost."""

    def complete(self, claim: Claim, reply: StoredReply) -> None:
        """Store what was answered, for whoever asks again; a claim that is another attempt's by now stays."""

    def release(self, claim: Claim) -> None:
        """Forget a claim under which nothing has happened; one that is another attempt's by now stays."""
