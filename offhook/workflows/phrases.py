"""What the caller may say to take an edge, decided by words alone: no model, no cost, no delay."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from offhook.workflows.definition import Edge, Node, Workflow

MAX_PHRASES = 1000
"""Phrases that one node listens for at most, after placeholders are filled in."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Editors and keyboards write the apostrophe in more ways than recognisers do.
_APOSTROPHES = str.maketrans("\u2019\u02bc\uff07", "'''")


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
    plain = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).lower()
    words = "".join(char if _is_of_a_word(char) else " " for char in plain).split()
    return tuple(word for word in (word.strip("'") for word in words) if word)


def phrases_of(workflow: Workflow, node: Node) -> tuple[Phrase, ...]:
    """Return all that the caller may say in this node, longest wordings first.

    Of two equal wordings the first in the document counts; when there are too many, those with placeholders are cut.
    """
    values = {v.name: tuple(filter(words_of, v.values)) for v in node.data.extraction_variables if v.values}
    templates = [(edge, text) for edge in workflow.edges_from(node.id) for text in edge.data.phrases]
    templates.sort(key=lambda template: bool(_names(template[1], values)))
    every = (
        Phrase(words=words_of(text), edge=edge, gathered=gathered)
        for edge, template in templates
        for text, gathered in _filled(template, values)
    )
    wordings: dict[tuple[str, ...], Phrase] = {}
    for phrase in islice(every, MAX_PHRASES):
        wordings.setdefault(phrase.words, phrase)
    wordings.pop((), None)
    return tuple(sorted(wordings.values(), key=lambda phrase: -len(phrase.words)))


def match(phrases: tuple[Phrase, ...], text: str) -> Phrase | None:
    """Return the longest phrase that the text contains as whole words, or None."""
    spoken = f" {' '.join(words_of(text))} "
    return next((phrase for phrase in phrases if f" {phrase.text} " in spoken), None)


def _is_of_a_word(char: str) -> bool:
    # The vowel signs of many scripts are marks, not letters, and stand within words.
    return char.isalnum() or char == "'" or unicodedata.category(char).startswith("M")


def _names(template: str, values: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(template)) if name in values]


def _filled(template: str, values: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, dict[str, str]]]:
    names = _names(template, values)
    for choice in product(*(values[name] for name in names)):
        gathered = dict(zip(names, choice, strict=True))
        yield _fill(template, gathered), gathered


def _fill(template: str, gathered: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: gathered.get(found[1], " "), template)
