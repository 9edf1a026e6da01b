"""Idempotency keys in memory, for tests of what is built on them."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from offhook.errors import ConflictError, StorageError
from offhook.organizations.idempotency import REMEMBERED_FOR, Claim, StoredReply


@dataclass(slots=True)
class MemoryClaims:
    """Implements IdempotencyKeys; one that is `down_for_replies` can store no reply."""

    held: dict[tuple[str, str], Claim] = field(default_factory=dict)
    down_for_replies: bool = False

    def claim(self, claim: Claim) -> Claim:
        place = (claim.organization_id, claim.key)
        held = self.held.get(place)
        if held is None or claim.claimed_at - held.claimed_at >= REMEMBERED_FOR:
            self.held[place] = claim
        return self.held[place]

    def reclaim(self, stale: Claim, attempt: str, now: datetime) -> Claim:
        if self._held(stale).attempt != stale.attempt:
            raise ConflictError("Somebody else was faster.")
        return self._put(replace(stale, attempt=attempt, claimed_at=now))

    def rebind(self, claim: Claim, resource_id: str) -> Claim:
        return self._put(replace(claim, resource_id=resource_id))

    def complete(self, claim: Claim, reply: StoredReply) -> None:
        if self.down_for_replies:
            raise StorageError("The database is away.")
        self._put(replace(claim, reply=reply))

    def release(self, claim: Claim) -> None:
        if self._held(claim).attempt == claim.attempt:
            del self.held[claim.organization_id, claim.key]

    def _held(self, claim: Claim) -> Claim:
        return self.held[claim.organization_id, claim.key]

    def _put(self, claim: Claim) -> Claim:
        self.held[claim.organization_id, claim.key] = claim
        return claim
