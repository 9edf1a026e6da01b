"""The offline recogniser takes every list of phrases that a workflow can have."""

import json

from websockets.asyncio.client import connect

from local.speech.server import speech_server
from offhook.workflows.phrases import MAX_PHRASES


async def skipped_of(phrases: list[str]) -> list[str]:
    message = {"type": "listen", "language": "en-US", "phrases": phrases}
    async with speech_server(0) as url, connect(f"{url}/recognise", proxy=None) as socket:
        await socket.send(json.dumps(message))
        answer = json.loads(await socket.recv())
    assert answer["type"] == "listening", answer
    skipped: list[str] = answer["skipped"]
    return skipped


async def test_as_many_phrases_as_a_node_may_have_are_expected() -> None:
    words = ("yes", "no", "maybe", "never", "always", "today", "please", "monday", "later", "tuesday")
    phrases = [f"{a} {b} {c}" for a in words for b in words for c in words]
    assert len(phrases) == MAX_PHRASES
    assert await skipped_of(phrases) == []


async def test_a_phrase_that_is_too_long_to_be_said_is_skipped_and_the_others_are_not() -> None:
    long = "yes " * 51
    assert await skipped_of(["yes", long, "no"]) == [long[:100]]


async def test_the_longest_list_and_its_answer_fit_into_messages() -> None:
    phrases = [f"{n:04d}" + "\N{GRINNING FACE}" * 396 for n in range(MAX_PHRASES)]
    assert await skipped_of(phrases) == [phrase[:100] for phrase in phrases]
