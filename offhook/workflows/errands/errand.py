"""What an errand is, and what may happen on it."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from offhook.vocabulary import Happening
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.piece import Piece


class Errand(Piece):
    """What a node does beside talking; a node has one at most.

    `field` is where it stands in the node's data, `deed` what it does, in words. `happenings` are those that an edge can
    lead on from. For an errand that `leads_away` the caller leaves our stream, or this agent, once the node's words are heard.
    """

    field: ClassVar[str]
    deed: ClassVar[str]
    happenings: ClassVar[tuple[Happening, ...]]
    leads_away: ClassVar[bool] = False

    @property
    def words(self) -> str:
        """What is said first, after the node's own words; a template."""
        return ""

    @classmethod
    @abstractmethod
    def faults(cls, node: Bare, *, leads_on: bool) -> Iterator[Fault]:
        """Yield the faults of the errand in a node that has it; `leads_on` says that the call goes on from it."""


def with_article(kind: str) -> str:
    """Name a kind of node in a sentence."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def missing_way(node: Bare, field: str, happening: Happening, who: str) -> Iterator[Fault]:
    """Yield the fault of a node that has no edge for when this happens."""
    if not node.has_way(happening):
        yield node.at(field), f"{who} needs an edge with `when` {happening}."


def other_ways(node: Bare, happening: Happening, what: str) -> Iterator[Fault]:
    """Yield a fault for each edge that is not taken when this happens."""
    for way in node.ways:
        if way.text("when") != happening:
            yield way.at(), f"Only an edge with `when` {happening} leads on from {what}."
