"""What the caller may say to take an edge, decided by words alone: no model, no cost, no delay."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from offhook.workflows.definition import Edge, Node, Workflow

MAX_PHRASES = 1000
"""Phrases that one node listens for at most, after placeholders are filled in."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NOT_A_WORD = re.compile(r"[^\w']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One wording that takes an edge, and the values that saying it gathers."""

    words: tuple[str, ...]
    edge: Edge
    gathered: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The wording as one lower-case line."""
        return " ".join(self.words)


def words_of(text: str) -> tuple[str, ...]:
    """Split a text into lower-case words without punctuation."""
    return tuple(_NOT_A_WORD.sub(" ", text.lower()).split())


def phrases_of(workflow: Workflow, node: Node) -> tuple[Phrase, ...]:
    """Return all that the caller may say in this node, longest wordings first."""
    values = {v.name: v.values for v in node.data.extraction_variables if v.values}
    every = (
        Phrase(words=words_of(text), edge=edge, gathered=gathered)
        for edge in workflow.edges_from(node.id)
        for template in edge.data.phrases
        for text, gathered in _filled(template, values)
    )
    wordings = {phrase.words: phrase for phrase in islice(every, MAX_PHRASES)}
    return tuple(sorted(wordings.values(), key=lambda phrase: -len(phrase.words)))


def match(phrases: tuple[Phrase, ...], text: str) -> Phrase | None:
    """Return the longest phrase that the text contains as whole words, or None."""
    spoken = f" {' '.join(words_of(text))} "
    return next((phrase for phrase in phrases if phrase.words and f" {phrase.text} " in spoken), None)


def _filled(template: str, values: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, dict[str, str]]]:
    names = [name for name in _PLACEHOLDER.findall(template) if name in values]
    for choice in product(*(values[name] for name in names)):
        gathered = dict(zip(names, choice, strict=True))
        yield _fill(template, gathered), gathered


def _fill(template: str, gathered: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: gathered.get(found[1], " "), template)
