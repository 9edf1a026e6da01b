"""Documents as calls search them, over S3 and a model of embeddings."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from offhook.adapters.s3.media import S3Media
from offhook.errors import EngineError
from offhook.knowledge.model import KnowledgeDocument
from streamer.tools.knowledge import NOT_READABLE, NOTHING_FOUND, Library
from streamer.tools.meaning import QUERY_LIMIT_S, MeaningMaker, vectors_key
from tests.support.makers import make_document
from tests.support.processes import wait_for

HOURS = "# Opening hours\n\nWe open at nine.\n\n# Parking\n\nGuests park behind the house."


class Topics:
    """An embedder that knows two topics by their words; `asked` is what it was asked."""

    name, dimensions = "topics", 2
    words = (("open", "nine", "morning", "early"), ("park", "car", "house"))

    def __init__(self, *, slow_s: float = 0, fails: bool = False) -> None:
        self.asked: list[str] = []
        self.slow_s = slow_s
        self.fails = fails

    def embed(self, text: str) -> Sequence[float]:
        self.asked.append(text)
        time.sleep(self.slow_s)
        if self.fails:
            raise EngineError("No.", engine="topics")
        hits = [sum(word in text.lower() for word in topic) for topic in self.words]
        return [1.0, 0.0] if hits[0] > hits[1] else [0.0, 1.0] if hits[1] else [0.0, 0.0]


def put(media: S3Media, organization_id: str, text: str = HOURS) -> KnowledgeDocument:
    document = make_document(organization_id, characters=len(text))
    media.put(document.text_key, text.encode(), "text/plain")
    return document


async def test_the_passages_that_share_words_are_found_with_their_headings(
    media: S3Media, organization_id: str
) -> None:
    lookup = Library(media).open([put(media, organization_id)], "en-US")
    found = await lookup.search("when does it open?")
    assert found == "[Hours] Opening hours\nWe open at nine."
    assert await lookup.search("zebra") == NOTHING_FOUND


async def test_an_index_is_made_once_for_all_calls(media: S3Media, organization_id: str) -> None:
    library, document = Library(media), put(media, organization_id)
    assert "nine" in await library.open([document], "en-US").search("open")
    media.delete([document.text_key])
    assert "nine" in await library.open([document], "en-US").search("open")
    changed = replace(document, text_id="another")
    assert await library.open([changed], "en-US").search("open") == NOTHING_FOUND


async def test_a_bucket_that_is_away_is_told_and_asked_again(media: S3Media, organization_id: str) -> None:
    document = put(media, organization_id)
    library = Library(S3Media("offhook-no-such-bucket"))
    assert await library.open([document], "en-US").search("open") == NOT_READABLE
    library._media = media
    assert "nine" in await library.open([document], "en-US").search("open")


async def test_meaning_finds_what_words_do_not_and_is_kept(media: S3Media, organization_id: str) -> None:
    document, topics = put(media, organization_id), Topics()
    lookup = Library(media, meaning_of=MeaningMaker(topics, media)).open([document], "en-US")
    assert await lookup.search("is anybody there early in the morning") == NOTHING_FOUND
    key = vectors_key(document, topics)
    await _until(lambda: key in media.keys(document.text_key))
    assert "nine" in await lookup.search("is anybody there early in the morning")
    # Another process finds the vectors, and asks for that of the query alone.
    again = Topics()
    lookup = Library(media, meaning_of=MeaningMaker(again, media)).open([document], "en-US")
    assert "house" in await lookup.search("a place for my car")
    assert again.asked == ["a place for my car"]


@pytest.mark.parametrize("topics", [Topics(slow_s=2 * QUERY_LIMIT_S), Topics(fails=True)])
async def test_words_do_where_the_model_of_embeddings_does_not_answer(
    media: S3Media, organization_id: str, topics: Topics
) -> None:
    document = put(media, organization_id, "We open at nine.")
    media.put(vectors_key(document, topics), bytes(8), "application/octet-stream")
    lookup = Library(media, meaning_of=MeaningMaker(topics, media)).open([document], "en-US")
    assert "nine" in await lookup.search("open")
    assert topics.asked


async def _until(is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, is_so, 10.0)
