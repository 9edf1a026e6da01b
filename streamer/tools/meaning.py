"""Finding passages by their meaning: vectors of a model on Bedrock, made once for a text and kept beside it."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from offhook.errors import EngineError, NotFoundError, StorageError
from offhook.knowledge.model import KnowledgeDocument
from offhook.knowledge.passages import Passage
from offhook.knowledge.ports import Embedder
from offhook.runs.ports import MediaStore

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

QUERY_LIMIT_S = 0.3
"""How long a turn waits for the vector of its query; words alone must do after that."""

_MOST_RANKED = 20
_LEAST_ALIKE = 0.2
_QUERY_THREADS = 4


@dataclass(slots=True, kw_only=True)
class Meaning:
    """The vectors of one document's passages, a row each; None until they are there."""

    passages: int
    vectors: Vectors | None = None

    def likeness(self, vector: Vectors) -> Vectors:
        """Return how close each passage is to this vector; none is while the vectors are not there."""
        return np.zeros(self.passages, np.float32) if self.vectors is None else self.vectors @ vector


class MeaningMaker:
    """Makes vectors, of texts in a thread of its own, one text after the other; those that are made are in the bucket."""

    def __init__(self, embedder: Embedder, media: MediaStore) -> None:
        self._embedder = embedder
        self._media = media
        self._making = ThreadPoolExecutor(1, thread_name_prefix="embeddings")
        self._asking = ThreadPoolExecutor(_QUERY_THREADS, thread_name_prefix="queries")

    def of(self, document: KnowledgeDocument, passages: Sequence[Passage]) -> Meaning:
        """Return what becomes of a document's vectors: those that are kept, else those that are being made."""
        meaning = Meaning(passages=len(passages))
        key = vectors_key(document, self._embedder)
        with suppress(NotFoundError):
            meaning.vectors = self._read(self._media.get(key), len(passages))
        if meaning.vectors is None:
            self._making.submit(self._make, meaning, key, [passage.whole for passage in passages])
        return meaning

    async def best(self, query: str, meanings: Sequence[Meaning]) -> list[int]:
        """Return the places of the passages closest to a query, best first; none where their vectors are not there yet."""
        if not any(meaning.vectors is not None for meaning in meanings):
            return []
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(QUERY_LIMIT_S):
                vector = await loop.run_in_executor(self._asking, self._embedder.embed, query)
        except (TimeoutError, EngineError) as error:
            logger.warning("query not embedded", extra={"error_type": type(error).__name__})
            return []
        alike = np.concatenate([meaning.likeness(np.asarray(vector, np.float32)) for meaning in meanings])
        order = alike.argsort(kind="stable")[::-1][:_MOST_RANKED]
        return [int(place) for place in order if alike[place] > _LEAST_ALIKE]

    def close(self) -> None:
        """Make nothing more, but what has begun."""
        for each in (self._making, self._asking):
            each.shutdown(wait=False, cancel_futures=True)

    def _make(self, meaning: Meaning, key: str, texts: Sequence[str]) -> None:
        try:
            made = np.array([self._embedder.embed(text) for text in texts], np.float32)
            made = made.reshape(len(texts), self._embedder.dimensions)
            self._media.put(key, made.astype("<f4").tobytes(), "application/octet-stream")
            meaning.vectors = made
        except (EngineError, StorageError) as error:
            # Words alone do until the next process tries again.
            logger.warning("document not embedded", extra={"error_type": type(error).__name__})

    def _read(self, stored: bytes, rows: int) -> Vectors | None:
        if len(stored) != rows * self._embedder.dimensions * 4:
            return None
        return np.frombuffer(stored, "<f4").reshape(rows, self._embedder.dimensions)


def vectors_key(document: KnowledgeDocument, embedder: Embedder) -> str:
    """Return where a document's vectors lie: beside its text, by the model that made them."""
    model = sha256(f"{embedder.name} {embedder.dimensions}".encode()).hexdigest()[:16]
    return f"{document.text_key}.{model}"
