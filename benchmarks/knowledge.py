"""What looking something up costs of a turn: an index of the most that a node's documents may have, and queries to it.

    python -m benchmarks.knowledge

Prints how long the index takes to make, once for all calls of a process, and how long a query takes (limit 30 ms).
"""

import asyncio
import random
import sys
import time
from datetime import UTC, datetime
from itertools import accumulate
from statistics import median, quantiles

from offhook.knowledge.model import KnowledgeDocument
from offhook.knowledge.usecases import MAX_TEXT_CHARACTERS
from streamer.tools.knowledge import MAX_CHARACTERS, Library, Lookup

QUERIES = 500
LIMIT_MS = 30
_WORDS = 20_000
_PARAGRAPH = 60


class _Bucket:
    """A media store whose every document has the same text, of words as frequent as in a language (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        weights = list(accumulate(1 / rank for rank in range(1, _WORDS + 1)))
        words = [f"word{number}" for number in range(_WORDS)]
        drawn = chance.choices(words, cum_weights=weights, k=MAX_TEXT_CHARACTERS // 6)
        text = "\n\n".join(" ".join(drawn[at : at + _PARAGRAPH]) for at in range(0, len(drawn), _PARAGRAPH))
        self._text = text[:MAX_TEXT_CHARACTERS].encode()

    def get(self, _: str) -> bytes:
        return self._text


async def main() -> int:
    chance = random.Random(7)
    library = Library(_Bucket(chance))  # type: ignore[arg-type]
    now = datetime.now(UTC)
    documents = [
        KnowledgeDocument(
            uuid=str(number),
            organization_id="bench",
            name=f"Document {number}",
            characters=MAX_TEXT_CHARACTERS,
            text_id="1",
            created_at=now,
            updated_at=now,
        )
        for number in range(MAX_CHARACTERS // MAX_TEXT_CHARACTERS)
    ]
    began_s = time.perf_counter()
    lookup = library.open(documents, "en-US")
    await lookup._index  # noqa: SLF001 (a call waits for a second at most)
    made_ms = (time.perf_counter() - began_s) * 1000
    took_ms = [await _ask(lookup, chance) for _ in range(QUERIES)]
    p95_ms = quantiles(took_ms, n=20)[-1]
    verdict = "good" if p95_ms <= LIMIT_MS else "too slow"
    print(f"{MAX_CHARACTERS:,} characters: {made_ms:.0f} ms to index, once for all calls of a process")
    print(
        f"{QUERIES} queries: p50 {median(took_ms):.2f} ms, p95 {p95_ms:.2f} ms (limit {LIMIT_MS}): {verdict}"
    )
    return int(p95_ms > LIMIT_MS)


async def _ask(lookup: Lookup, chance: random.Random) -> float:
    query = " ".join(f"word{int(chance.paretovariate(0.5)) % _WORDS}" for _ in range(10))
    began_s = time.perf_counter()
    await lookup.search(query)
    return (time.perf_counter() - began_s) * 1000


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
