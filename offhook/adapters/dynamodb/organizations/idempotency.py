"""IdempotencyKeys in DynamoDB.

claim   runs table, pk `IDEMPOTENCY#<organization id>#<SHA-256 of the key>`, sk `CLAIM`; gone by `ttl`

The key itself is not stored: a client may have made it of somebody's name or number.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.mapping import ModelItem, attributes, changes, to_model
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.errors import ConflictError
from offhook.organizations.idempotency import REMEMBERED_FOR, Claim, StoredReply


class ClaimItem(ModelItem):
    """Who holds a key, and what was answered."""

    TABLE = RUNS_TABLE
    KIND = "idempotency-claim"
    MODEL = Claim
    LEFT_OUT = ("key", "reply")

    resource_id = UnicodeAttribute()
    attempt = UnicodeAttribute()
    claimed_at = UTCDateTimeAttribute()
    reply_status = NumberAttribute(null=True)
    reply_body = UnicodeAttribute(null=True)
    reply_headers = JSONAttribute(null=True)


class DynamoIdempotencyKeys:
    """Implements IdempotencyKeys."""

    def __init__(self, database: Database) -> None:
        self._claims = database.items(ClaimItem)

    def claim(self, claim: Claim) -> Claim:
        # DynamoDB removes rows some time after their `ttl`, up to days later.
        is_yesterdays = ClaimItem.claimed_at <= claim.claimed_at - REMEMBERED_FOR
        is_free = Item.pk.does_not_exist() | is_yesterdays
        while not (outcome := self._claims.change(*_place(claim), _all_of(claim), is_free)).is_done:
            # None: released between the two, so that it is free.
            if outcome.item is not None:
                return _to_claim(outcome.item, claim.key)
        return claim

    def reclaim(self, stale: Claim, attempt: str, now: datetime) -> Claim:
        held = replace(stale, attempt=attempt, claimed_at=now, reply=None)
        unanswered = _is_held_by(stale) & ClaimItem.reply_status.does_not_exist()
        if not self._claims.change(*_place(stale), _all_of(held), unanswered).is_done:
            raise _lost()
        return held

    def rebind(self, claim: Claim, resource_id: str) -> Claim:
        action = ClaimItem.resource_id.set(resource_id)
        if not self._claims.change(*_place(claim), [action], _is_held_by(claim)).is_done:
            raise _lost()
        return replace(claim, resource_id=resource_id)

    def complete(self, claim: Claim, reply: StoredReply) -> None:
        self._claims.change(*_place(claim), _reply_actions(reply), _is_held_by(claim))

    def release(self, claim: Claim) -> None:
        self._claims.remove(*_place(claim), _is_held_by(claim))


def _place(claim: Claim) -> tuple[str, str]:
    return f"IDEMPOTENCY#{claim.organization_id}#{sha256(claim.key.encode()).hexdigest()}", "CLAIM"


def _all_of(claim: Claim) -> list[Action]:
    no_reply = dict.fromkeys(("reply_status", "reply_body", "reply_headers"))
    return [
        ClaimItem.of_kind(),
        ClaimItem.ttl.set(claim.claimed_at + REMEMBERED_FOR),
        *changes(ClaimItem, attributes(ClaimItem, claim) | no_reply),
    ]


def _reply_actions(reply: StoredReply) -> list[Action]:
    return [
        ClaimItem.reply_status.set(reply.status),
        ClaimItem.reply_body.set(reply.body),
        ClaimItem.reply_headers.set([list(header) for header in reply.headers]),
    ]


def _is_held_by(claim: Claim) -> Condition:
    return ClaimItem.attempt == claim.attempt


def _to_claim(item: ClaimItem, key: str) -> Claim:
    return to_model(Claim, item, key=key, reply=None if item.reply_status is None else _to_reply(item))


def _to_reply(item: ClaimItem) -> StoredReply:
    headers = tuple((name, value) for name, value in item.reply_headers or ())
    return StoredReply(status=int(item.reply_status), body=item.reply_body or "", headers=headers)


def _lost() -> ConflictError:
    return ConflictError(
        "Another request with this Idempotency-Key has taken it over; ask again for its reply.",
        code="idempotency-in-progress",
    )
