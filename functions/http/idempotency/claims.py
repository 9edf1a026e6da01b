"""Holding an idempotency key from the first look at a request to its reply."""

from contextlib import suppress

from offhook.errors import ConflictError, InProgressError, OffhookError
from offhook.organizations.idempotency import STALE_AFTER, Claim, IdempotencyKeys, StoredReply

MAX_STORED_BODY_BYTES = 300_000
"""A record in the store has 400 KB at most; a longer reply is made afresh from the thing that it showed."""


class HeldClaim:
    """A key that this request holds. Synchronous; every method blocks for a network round trip.

    Where the store fails after the endpoint is done, its reply goes out all the same, so nothing but `rebind` raises.
    """

    def __init__(self, keys: IdempotencyKeys, claim: Claim, *, is_repeated: bool) -> None:
        self._keys = keys
        self.claim = claim
        self.is_repeated = is_repeated

    def rebind(self, resource_id: str) -> None:
        """Record that the thing is made under another id."""
        self.claim = self._keys.rebind(self.claim, resource_id)

    def complete(self, reply: StoredReply) -> None:
        """Store what was answered."""
        if len(reply.body.encode()) > MAX_STORED_BODY_BYTES:
            self.hand_over()
            return
        with suppress(OffhookError):
            self._keys.complete(self.claim, reply)

    def release(self) -> None:
        """Forget the claim: nothing has happened under it."""
        with suppress(OffhookError):
            self._keys.release(self.claim)

    def hand_over(self) -> None:
        """Let the next request with this key find out at once, under the same id, what has been made."""
        with suppress(OffhookError):
            self._keys.reclaim(self.claim, self.claim.attempt, self.claim.claimed_at - STALE_AFTER)


def hold(keys: IdempotencyKeys, wanted: Claim) -> HeldClaim | StoredReply:
    """Hold the key, or return what was answered under it.

    Raises ConflictError when the key stands for another request, InProgressError while that request is carried out.
    """
    found = keys.claim(wanted)
    if found.fingerprint != wanted.fingerprint:
        raise ConflictError(
            "This Idempotency-Key stands for another request: send a new key with a new request.",
            code="idempotency-mismatch",
        )
    if found.reply is not None:
        return found.reply
    if found.attempt == wanted.attempt:
        return HeldClaim(keys, found, is_repeated=False)
    left = STALE_AFTER - (wanted.claimed_at - found.claimed_at)
    if left.total_seconds() > 0:
        raise _in_progress(left.total_seconds())
    try:
        claim = keys.reclaim(found, wanted.attempt, wanted.claimed_at)
    except ConflictError:
        raise _in_progress(STALE_AFTER.total_seconds()) from None
    return HeldClaim(keys, claim, is_repeated=True)


def _in_progress(left_seconds: float) -> InProgressError:
    return InProgressError(
        "The first request with this Idempotency-Key is still being carried out: ask again for its reply.",
        # A request takes a second or two, as a rule; the claim of a lost one is free when it is stale.
        retry_after_seconds=max(1, min(2, round(left_seconds))),
    )
