"""Mailbox in DynamoDB: the letters of one owner lie in one partition, which that process alone asks for.

letter   runs table, pk `MAIL#<owner>`, sk the command's id; removed once its answer was read, else gone by `ttl`
"""

from collections.abc import Sequence

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition

from offhook.adapters.dynamodb.items.database import Database
from offhook.adapters.dynamodb.items.mapping import (
    ChoiceAttribute,
    DocumentAttribute,
    ModelItem,
    ValueAttribute,
    attributes,
    change,
    to_model,
)
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.sessions.commands import Refusal, from_document, to_document
from offhook.sessions.mailbox import KEPT_FOR, Letter, LetterStatus, not_claimed


class LetterItem(ModelItem):
    """A command on its way; `command` is JSON, since a newer release may have others."""

    TABLE = RUNS_TABLE
    KIND = "letter"
    MODEL = Letter
    LEFT_OUT = ("owner", "id", "sender", "command")

    command = DocumentAttribute()
    sender = UnicodeAttribute(null=True)
    status = ChoiceAttribute(LetterStatus)
    refusal = ValueAttribute(Refusal, null=True)


class DynamoMailbox:
    """Implements Mailbox."""

    def __init__(self, database: Database) -> None:
        self._items = database.items(LetterItem)

    def put(self, letter: Letter) -> None:
        if letter.command is None:
            raise ValueError("A letter is sent with a command.")
        item = self._items.new(*_key(letter), **attributes(LetterItem, letter), ttl=letter.sent_at + KEPT_FOR)
        item.command, item.sender = to_document(letter.command), letter.sender or None
        self._items.put_new(item)

    def waiting(self, owner: str) -> Sequence[Letter]:
        found = (_to_letter(item) for item in self._items.query(_pk(owner), None))
        waiting = [letter for letter in found if letter.status is LetterStatus.WAITING]
        return sorted(waiting, key=lambda letter: letter.sent_at)

    def claim(self, letter: Letter) -> bool:
        claimed = [change(LetterItem.status, LetterStatus.CLAIMED)]
        return self._items.change(*_key(letter), claimed, _is_waiting()).is_done

    def acknowledge(self, letter: Letter, refusal: Refusal | None) -> None:
        status = LetterStatus.DONE if refusal is None else LetterStatus.REFUSED
        answered = [change(LetterItem.status, status), change(LetterItem.refusal, refusal)]
        self._items.change(*_key(letter), answered, LetterItem.status == LetterStatus.CLAIMED)

    def cancel(self, letter: Letter) -> bool:
        return self._items.remove(*_key(letter), _is_waiting())

    def get(self, letter: Letter) -> Letter:
        item = self._items.get(*_key(letter))
        if item is None:
            # Of a cancellation that was repeated because its first reply was lost, the second finds nothing.
            raise not_claimed()
        return _to_letter(item)

    def remove(self, letter: Letter) -> None:
        self._items.remove(*_key(letter))


def _pk(owner: str) -> str:
    return f"MAIL#{owner}"


def _key(letter: Letter) -> tuple[str, str]:
    return _pk(letter.owner), letter.id


def _is_waiting() -> Condition:
    return LetterItem.status == LetterStatus.WAITING


def _to_letter(item: LetterItem) -> Letter:
    return to_model(
        Letter,
        item,
        owner=item.pk.partition("#")[2],
        id=item.sk,
        command=from_document(item.command),
        sender=item.sender or "",
    )
