"""Documents as calls search them: over S3, and a model of embeddings behind the real SDK."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from offhook.adapters.bedrock.embeddings import BedrockEmbeddings
from offhook.adapters.s3.media import S3Media
from offhook.errors import EngineError, NotConfiguredError
from offhook.knowledge.model import KnowledgeDocument
from streamer.tools.knowledge import NOT_READABLE, NOTHING_FOUND, Library, Lookup
from streamer.tools.meaning import MeaningMaker, vectors_key
from tests.support.embeddings import Embeddings, embeddings
from tests.support.makers import make_document
from tests.support.processes import wait_for

HOURS = "# Opening hours\n\nWe open at nine.\n\n# Parking\n\nGuests park behind the house."
TITAN = "amazon.titan-embed-text-v2:0"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for what stands in for AWS as long as the machine makes us."""
    monkeypatch.setattr("streamer.tools.knowledge._PATIENCE_S", 30.0)
    monkeypatch.setattr("streamer.tools.meaning.QUERY_LIMIT_S", 30.0)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Embeddings]:
    with embeddings() as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", served.url)
        yield served


@pytest.fixture
def titan(service: Embeddings) -> BedrockEmbeddings:
    return BedrockEmbeddings(TITAN, region="us-east-1")


def put(media: S3Media, organization_id: str, text: str = HOURS) -> KnowledgeDocument:
    document = make_document(organization_id, characters=len(text))
    media.put(document.text_key, text.encode(), "text/plain")
    return document


async def until(is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, is_so, 10.0)


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


class Delayed:
    """A model that answers nothing before it `may_begin`."""

    def __init__(self, behind: BedrockEmbeddings) -> None:
        self.name, self.dimensions = behind.name, behind.dimensions
        self.may_begin = threading.Event()
        self._behind = behind

    def embed(self, text: str) -> Sequence[float]:
        self.may_begin.wait(10)
        return self._behind.embed(text)


async def until_found(lookup: Lookup, what: str, query: str) -> None:
    """Search until this is found; vectors are kept just before they count."""
    async with asyncio.timeout(10):
        while what not in await lookup.search(query):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_meaning_finds_what_words_do_not_and_is_kept(
    media: S3Media, organization_id: str, service: Embeddings, titan: BedrockEmbeddings
) -> None:
    document = put(media, organization_id)
    delayed = Delayed(titan)
    lookup = Library(media, meaning_of=MeaningMaker(delayed, media)).open([document], "en-US")
    assert await lookup.search("is anybody there early in the morning") == NOTHING_FOUND
    delayed.may_begin.set()
    key = vectors_key(document, titan)
    await until(lambda: key in media.keys(document.text_key))
    await until_found(lookup, "nine", "is anybody there early in the morning")
    # A text that is gone meanwhile has no passages, and no vectors.
    gone = make_document(organization_id, text_id="gone")
    lookup = Library(media, meaning_of=MeaningMaker(titan, media)).open([gone, document], "en-US")
    await until(lambda: vectors_key(gone, titan) in media.keys(gone.text_key))
    await until_found(lookup, "nine", "is anybody there early in the morning")
    # Another process finds the vectors, and asks for that of the query alone.
    service.asked.clear()
    lookup = Library(media, meaning_of=MeaningMaker(titan, media)).open([document], "en-US")
    assert "house" in await lookup.search("a place for my car")
    asked = {"inputText": "a place for my car", "dimensions": 256, "normalize": True}
    assert service.asked == [(f"/model/{TITAN}/invoke", asked)]


class HeldEmbedder:
    """A model that answers nothing before it is `released`."""

    name, dimensions = "held", 2

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []
        self.threads: list[threading.Thread] = []

    def embed(self, text: str) -> Sequence[float]:
        self.asked.append(text)
        self.threads.append(threading.current_thread())
        self.released.wait()
        return 0.0, 1.0


async def test_a_library_that_closes_makes_no_more_vectors(media: S3Media, organization_id: str) -> None:
    embedder = HeldEmbedder()
    library = Library(media, meaning_of=MeaningMaker(embedder, media))
    documents = [put(media, organization_id, f"{number} o'clock") for number in range(3)]
    assert await library.open(documents, "en-US").search("clock")
    await until(lambda: bool(embedder.threads))
    library.close()
    embedder.released.set()
    await until(lambda: not embedder.threads[0].is_alive())
    assert embedder.asked == ["0 o'clock"]


@pytest.mark.parametrize("fault", [429, b"no JSON", b'{"embedding": [1, 2]}', b"[]"])
async def test_words_do_where_the_model_of_embeddings_fails(
    media: S3Media,
    organization_id: str,
    service: Embeddings,
    titan: BedrockEmbeddings,
    fault: int | bytes,
) -> None:
    document = put(media, organization_id, "We open at nine.")
    media.put(vectors_key(document, titan), bytes(256 * 4), "application/octet-stream")
    service.fault = fault
    lookup = Library(media, meaning_of=MeaningMaker(titan, media)).open([document], "en-US")
    assert "nine" in await lookup.search("open")
    assert len(service.asked) == 1
    with pytest.raises(EngineError):
        titan.embed("open")


def test_a_model_of_another_kind_is_refused_at_the_start() -> None:
    with pytest.raises(NotConfiguredError, match="titan"):
        BedrockEmbeddings("anthropic.some-model")
