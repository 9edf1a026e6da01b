"""Looking things up in an organization's documents, with an index in memory that all calls of a process share.

Passages are found by their words (BM25), and by their meaning too where a model of embeddings is switched on. An index is
made in a thread when the first call that may need it begins; whoever asks earlier waits for it, a second at most.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offhook.errors import NotFoundError, StorageError
from offhook.knowledge.model import KnowledgeDocument
from offhook.knowledge.passages import Passage, passages
from offhook.remembered import Remembered
from offhook.runs.ports import MediaStore
from streamer.tools.meaning import Meaning, MeaningMaker

if TYPE_CHECKING:
    from streamer.tools.words import WordIndex

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 2_000_000
"""What one index holds of its documents, in the order in which the agent names them: half a second to make, 40 MB."""

MAX_QUERY_CHARACTERS = 500
FOUND = 3
"""Passages that a model is given."""

NOTHING_FOUND = "Nothing was found about this. Say that you don't know; do not guess."
NOT_READABLE = "The documents can't be read at the moment. Say that you can't look it up just now."

_MOST_INDEXES = 16
_PATIENCE_S = 1.0
_THREADS = 2


@dataclass(slots=True, kw_only=True)
class _Index:
    """Passages with the name of their document, and what finds them; `meaning` where that is switched on."""

    passages: list[tuple[str, Passage]]
    words: "WordIndex"
    meaning: list[Meaning] = field(default_factory=list)


class Library:
    """The documents of all organizations, as calls search them."""

    def __init__(self, media: MediaStore, *, meaning_of: MeaningMaker | None = None) -> None:
        self._media = media
        self._meaning_of = meaning_of
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="knowledge")
        self._indexes: Remembered[tuple[str, ...], asyncio.Future[_Index]] = Remembered(_MOST_INDEXES)

    def open(self, documents: Sequence[KnowledgeDocument], language: str) -> "Lookup":
        """Have these documents made searchable, and return what searches them."""
        key = (language, *(document.text_key for document in documents))
        making = self._indexes.get(key)
        if making is None or (making.done() and (making.cancelled() or making.exception())):
            loop = asyncio.get_running_loop()
            making = loop.run_in_executor(self._threads, self._make, tuple(documents), language)
            making.add_done_callback(_note_failure)
            self._indexes.put(key, making)
        return Lookup(making, self._meaning_of)

    def close(self) -> None:
        """Make nothing more searchable."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._meaning_of is not None:
            self._meaning_of.close()

    def _make(self, documents: Sequence[KnowledgeDocument], language: str) -> _Index:
        # Here, since it takes a fifth of a second that most processes never need.
        from streamer.tools.words import WordIndex

        found: list[tuple[str, Passage]] = []
        meanings: list[Meaning] = []
        room = MAX_CHARACTERS
        for document in documents:
            text = self._text(document)[:room]
            room -= len(text)
            own = list(passages(text))
            found += [(document.name, passage) for passage in own]
            if self._meaning_of is not None:
                meanings.append(self._meaning_of.of(document, own))
        words = WordIndex([passage.whole for _, passage in found], language)
        return _Index(passages=found, words=words, meaning=meanings)

    def _text(self, document: KnowledgeDocument) -> str:
        try:
            return self._media.get(document.text_key).decode()
        except NotFoundError:
            return ""  # changed or removed since the call began


class Lookup:
    """Searches the documents of one step of an agent."""

    def __init__(self, index: "asyncio.Future[_Index]", meaning_of: MeaningMaker | None) -> None:
        self._index = index
        self._meaning_of = meaning_of

    async def search(self, query: str) -> str:
        """Return the passages that answer best, as a model reads them, or a sentence that there are none."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                index = await asyncio.shield(self._index)
        except (TimeoutError, StorageError):
            return NOT_READABLE
        query = query[:MAX_QUERY_CHARACTERS]
        rankings = [index.words.best(query)]
        if self._meaning_of is not None:
            rankings.append(await self._meaning_of.best(query, index.meaning))
        best = merged(rankings)[:FOUND]
        return "\n\n".join(_shown(*index.passages[number]) for number in best) or NOTHING_FOUND


def merged(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Merge rankings, best first, by reciprocal ranks (Cormack, Clarke and Büttcher, SIGIR 2009, with their k of 60)."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, number in enumerate(ranking):
            scores[number] = scores.get(number, 0) + 1 / (60 + place)
    return sorted(scores, key=lambda number: -scores[number])


def _shown(name: str, passage: Passage) -> str:
    return f"[{name}] {passage.whole}"


def _note_failure(making: "asyncio.Future[_Index]") -> None:
    if not making.cancelled() and (error := making.exception()) is not None:
        logger.warning("documents not searchable", extra={"error_type": type(error).__name__})
