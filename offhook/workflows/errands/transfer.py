"""Putting the caller through to somebody else."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from offhook.dialable import is_dialable
from offhook.vocabulary import Happening, RingSeconds, Summary, TransferMode
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands.errand import Errand, missing_way, other_ways, with_article


class Transfer(Errand):
    """Where a node puts the caller through to, and what is said meanwhile; `to` and all texts are templates.

    `message` is said before, `summary` to the other person of a warm transfer, `hold_say` to a caller who waits for
    them, and `failed_say` when nobody could be reached.
    """

    field: ClassVar = "transfer"
    deed: ClassVar = "transfer"
    happenings: ClassVar = (Happening.TRANSFER_FAILED,)
    leads_away: ClassVar = True

    to: str = Field(min_length=1, max_length=256)
    mode: TransferMode = TransferMode.COLD
    message: str = ""
    summary: Summary = ""
    timeout_seconds: RingSeconds = 30
    hold_say: str = "Thank you for waiting. I am still trying to reach somebody for you."
    failed_say: str = "I am sorry, nobody can take your call at the moment."

    @property
    def words(self) -> str:
        """What is said before."""
        return self.message

    @classmethod
    def faults(cls, node: Bare, *, leads_on: bool) -> Iterator[Fault]:
        """Yield the faults of a transfer, which a node may end the call with."""
        data, at = node.data or {}, node.at(cls.field)
        to = data[cls.field].get("to") if isinstance(data[cls.field], dict) else None
        if data.get("gather"):
            yield at, "A node either transfers the call or gathers digits."
        if isinstance(to, str) and to and "{{" not in to and not is_dialable(to):
            yield (
                node.at(cls.field, "to"),
                "Write the number in E.164, such as +14155550100, as a sip: URI, or as a template.",
            )
        if leads_on:
            named = with_article(node.piece["type"])
            who = f"{named[0].upper()}{named[1:]} that transfers"
            yield from missing_way(node, cls.field, Happening.TRANSFER_FAILED, who)
        yield from other_ways(node, Happening.TRANSFER_FAILED, "a transfer")
