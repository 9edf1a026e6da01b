"""What the caller may say to take an edge, decided by words alone: no model, no cost, no delay."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice, product

from offhook.workflows.definition import Edge, Workflow
from offhook.workflows.nodes import Step

MAX_PHRASES = 1000
"""Phrases that one node listens for at most, after placeholders are filled in."""

MAX_WORKFLOW_PHRASES = 10_000
"""Phrases that all nodes of a workflow listen for together at most."""

MAX_PHRASE_CHARACTERS = 200
"""What nobody says in one breath is no phrase: a wording that its placeholders make longer than this is left out."""

MAX_SPOKEN_CHARACTERS = 2000
"""What of a caller's utterance is compared: three minutes of speech."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MOST_MARKS = 8
"""Marks on one letter, of which no script has more than a few. Putting long runs in order costs their square."""


class _WordCharacters(dict[int, int]):
    """What `str.translate` makes of each character: itself within a word, a space elsewhere; learnt as they come."""

    _MOST_KNOWN = 5000

    def __missing__(self, code: int) -> int:
        found = code if _is_of_a_word(chr(code)) else ord(" ")
        if len(self) < self._MOST_KNOWN:
            self[code] = found
        return found


# Editors and keyboards write the apostrophe in more ways than recognisers do.
_WORD_CHARACTERS = _WordCharacters({ord(written): ord("'") for written in "\u2019\u02bc\uff07"})


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One wording that takes an edge, and the values that saying it gathers."""

    words: tuple[str, ...]
    edge: Edge
    gathered: dict[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """The wording as one lower-case line."""
        return " ".join(self.words)

    def is_in(self, spoken: str) -> bool:
        """Say whether these words stand whole in a line of words."""
        return f" {self.text} " in spoken


def words_of(text: str) -> tuple[str, ...]:
    """Split a text into lower-case words without punctuation."""
    composed = text if text.isascii() else unicodedata.normalize("NFC", _with_few_marks(text))
    words = composed.translate(_WORD_CHARACTERS).lower().split()
    return tuple(word for word in (word.strip("'") for word in words) if word)


@lru_cache(maxsize=256)  # One step of a call asks for the same words several times.
def line_of(text: str) -> str:
    """Return a text's words as one line, with a space before the first and after the last."""
    return f" {' '.join(words_of(text[:MAX_SPOKEN_CHARACTERS]))} "


def phrases_of(workflow: Workflow, node: Step) -> tuple[Phrase, ...]:
    """Return all that the caller may say in this node, longest wordings first.

    Of two equal wordings the first in the document counts; when there are too many, those with placeholders are cut.
    """
    values = {v.name: tuple(filter(words_of, v.values)) for v in node.data.extraction_variables if v.values}
    templates = [(edge, text) for edge in workflow.edges_from(node.id) for text in edge.data.phrases]
    templates.sort(key=lambda template: bool(_names(template[1], values)))
    every = (
        (text, edge, gathered) for edge, template in templates for text, gathered in _filled(template, values)
    )
    wordings: dict[tuple[str, ...], Phrase] = {}
    for text, edge, gathered in islice(every, MAX_PHRASES):
        words = words_of(text) if len(text) <= MAX_PHRASE_CHARACTERS else ()
        if words and words not in wordings:
            wordings[words] = Phrase(words=words, edge=edge, gathered=gathered)
    return tuple(sorted(wordings.values(), key=lambda phrase: -len(phrase.words)))


class Phrasebook:
    """What may be said in each node of one workflow: worked out once, for all calls of a version."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._known: dict[str, tuple[Phrase, ...]] = {}
        self._room = MAX_WORKFLOW_PHRASES

    def of(self, node: Step) -> tuple[Phrase, ...]:
        """Return all that the caller may say in this node."""
        if node.id not in self._known:
            phrases = phrases_of(self._workflow, node)[: self._room]
            self._room -= len(phrases)
            self._known[node.id] = phrases
        return self._known[node.id]

    def fill(self) -> None:
        """Work all of it out now, so that no call has to."""
        for node in self._workflow.nodes:
            if isinstance(node, Step):
                self.of(node)


def match(phrases: tuple[Phrase, ...], text: str) -> Phrase | None:
    """Return the longest phrase that the text contains as whole words, or None."""
    spoken = line_of(text)
    return next((phrase for phrase in phrases if phrase.is_in(spoken)), None)


def _is_of_a_word(char: str) -> bool:
    # The vowel signs of many scripts are marks, not letters, and stand within words.
    return char.isalnum() or char == "'" or _is_mark(char)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _with_few_marks(text: str) -> str:
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if _is_mark(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _names(template: str, values: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for name in dict.fromkeys(PLACEHOLDER.findall(template)) if name in values]


def _filled(template: str, values: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, dict[str, str]]]:
    names = _names(template, values)
    for choice in product(*(values[name] for name in names)):
        gathered = dict(zip(names, choice, strict=True))
        yield _fill(template, gathered), gathered


def _fill(template: str, gathered: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: gathered.get(found[1], " "), template)
