"""Transcribe through both of its protocols, against the server that checks what the service checks."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvloop
from botocore.credentials import ReadOnlyCredentials
from websockets.asyncio.client import ClientConnection

from local.aws.speech.faults import Fault, Kind, Service
from local.aws.speech.transcribe_stream import Limits, Transcribe
from streamer.loop_time import now_s
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.transcribe import (
    ItemKind,
    Patience,
    Place,
    TranscribeOptions,
    TranscribeResult,
    TranscribeStream,
    Transport,
)
from streamer.speech.transcribe.websocket import open_websocket
from tests.support.aws_speech import (
    AUDIO,
    CLIP,
    LEAD_MS,
    WORDS,
    Town,
    drain,
    hear,
    held,
    say,
    session,
    town,
    until_held,
)

pytestmark = pytest.mark.every_python

DEADLINE_S = 10.0
PROMPT_S = 3.0
OPTIONS = TranscribeOptions()
SHORT = Patience(open=0.4, send=0.4, close=0.4)

both = pytest.mark.parametrize("transport", list(Transport))


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as running:
        yield running


@both
async def test_words_are_told_as_they_grow_become_stable_and_are_final(
    services: Town, transport: Transport
) -> None:
    stream = await services.transcriber(transport).open(OPTIONS)
    results = await hear(stream)
    await stream.close()
    assert [result.text for result in results if result.is_partial][-1] == "nine thirty please"
    assert results[0].text == "nine"
    assert len({result.result_id for result in results}) == 1
    assert [result.is_partial for result in results] == [True] * (len(results) - 1) + [False]
    assert any(item.is_stable for item in results[-2].items)
    assert not all(item.is_stable for item in results[0].items)
    final = results[-1]
    assert [
        (item.content, item.start_ms, item.end_ms, item.kind, item.is_stable) for item in final.items
    ] == [(word.text, LEAD_MS + word.start_ms, LEAD_MS + word.end_ms, ItemKind.WORD, True) for word in WORDS]
    assert (final.start_ms, final.end_ms) == (LEAD_MS + 100, LEAD_MS + 1300)


async def test_both_protocols_tell_the_same_of_the_same_audio(services: Town) -> None:
    told = []
    for transport in Transport:
        stream = await services.transcriber(transport).open(OPTIONS)
        told.append([_without_id(result) for result in await hear(stream, AUDIO + AUDIO)])
        await stream.close()
    assert told[0] == told[1]
    assert [text for text, is_partial, _ in told[0] if not is_partial] == ["nine thirty please"] * 2


@both
async def test_the_service_is_asked_for_spoken_stabilized_telephone_audio(
    services: Town, transport: Transport
) -> None:
    services.transcribe.vocabularies["streets"] = ("nine thirty please",)
    stream = await services.transcriber(transport).open(
        TranscribeOptions(language="en-GB", vocabularies=("streets",))
    )
    await hear(stream)
    await stream.close()
    [request] = services.transcribe.requests
    assert request.languages == ("en-GB",)
    assert request.vocabularies == ("streets",)
    assert (request.sample_rate_hz, request.is_spoken, request.is_stabilized) == (8000, True, True)


@both
async def test_the_language_can_be_found_out(services: Town, transport: Transport) -> None:
    options = TranscribeOptions(language_options=("en-US", "es-US"), preferred_language="en-US")
    stream = await services.transcriber(transport).open(options)
    results = await hear(stream)
    await stream.close()
    assert {result.language for result in results} == {"en-US"}


@both
@pytest.mark.parametrize(
    "options",
    [
        TranscribeOptions(language="xx-XX"),
        TranscribeOptions(vocabularies=("never-made",)),
        TranscribeOptions(stability="total"),
        TranscribeOptions(language_options=("en-US",)),
        TranscribeOptions(language_options=("en-US", "en-GB")),
    ],
    ids=lambda options: (
        options.language + ",".join(options.language_options + options.vocabularies) + options.stability
    ),
)
async def test_what_the_service_would_refuse_is_refused(
    services: Town, transport: Transport, options: TranscribeOptions
) -> None:
    error = await _failure(services, transport, options=options)
    assert (error.failure, error.reason, error.retryable) == (Failure.REFUSED, "BadRequestException", False)


@both
async def test_a_wrong_secret_is_refused(services: Town, transport: Transport) -> None:
    transcriber = services.transcriber(transport, credentials=session(secret="guessed"))
    with pytest.raises(AwsSpeechError) as caught:
        await transcriber.open(OPTIONS)
    assert caught.value.failure is Failure.REFUSED
    assert not caught.value.retryable


@both
async def test_an_unknown_key_is_refused(services: Town, transport: Transport) -> None:
    with pytest.raises(AwsSpeechError) as caught:
        await services.transcriber(transport, credentials=session(key_id="nobody")).open(OPTIONS)
    assert caught.value.failure is Failure.REFUSED


@both
@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Kind.THROTTLE, Failure.THROTTLED),
        (Kind.INTERNAL, Failure.UNAVAILABLE),
        (Kind.UNAVAILABLE, Failure.UNAVAILABLE),
        (Kind.RESET_STREAM, Failure.LOST),
        (Kind.RESET_CONNECTION, Failure.LOST),
        (Kind.END, Failure.LOST),
        (Kind.BAD_CRC, Failure.CORRUPT),
    ],
)
@pytest.mark.parametrize(
    "after_ms", [None, 0, 1400], ids=["at the start", "at the first audio", "in the middle"]
)
async def test_every_failure_is_told_by_its_kind_and_soon(
    services: Town, transport: Transport, kind: Kind, failure: Failure, after_ms: int | None
) -> None:
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=kind, after_ms=after_ms))
    began = now_s()
    error = await _failure(services, transport)
    assert error.failure is failure
    assert error.retryable
    assert now_s() - began < PROMPT_S


@both
@pytest.mark.parametrize("kind", [Kind.THROTTLE, Kind.RESET_STREAM, Kind.RESET_CONNECTION, Kind.END])
async def test_a_live_stream_can_be_struck_and_keeps_what_it_had_heard(
    services: Town, transport: Transport, kind: Kind
) -> None:
    stream = await services.transcriber(transport).open(OPTIONS)
    results = stream.results()
    await say(stream, AUDIO[: 16 * (LEAD_MS + 900)])
    first = await anext(results)
    assert services.transcribe.faults.strike(Fault(service=Service.TRANSCRIBE, kind=kind)) == 1
    with pytest.raises(AwsSpeechError):
        await drain(results, seconds=PROMPT_S)
    with pytest.raises(AwsSpeechError):
        await stream.send(bytes(1600))
    await stream.close()
    assert first.text == "nine"


@both
async def test_a_service_that_does_not_answer_is_given_up_after_the_patience(
    services: Town, transport: Transport
) -> None:
    before = held()
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=Kind.STALL))
    began = now_s()
    with pytest.raises(AwsSpeechError) as caught:
        await services.transcriber(transport, patience=SHORT).open(OPTIONS)
    assert caught.value.failure is Failure.STALLED
    assert now_s() - began < SHORT.open + 1
    assert (await until_held(before)).is_within(before)


@both
async def test_a_late_answer_is_waited_for(services: Town, transport: Transport) -> None:
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=Kind.SLOW, delay_ms=300))
    began = now_s()
    stream = await services.transcriber(transport).open(OPTIONS)
    assert now_s() - began >= 0.3
    assert (await hear(stream))[-1].text == "nine thirty please"
    await stream.close()


@both
async def test_a_stalled_stream_is_closed_at_once(services: Town, transport: Transport) -> None:
    before = held()
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=Kind.STALL, after_ms=200))
    stream = await services.transcriber(transport).open(OPTIONS)
    await say(stream)
    began = now_s()
    await stream.close()
    assert now_s() - began < 1
    assert [result async for result in stream.results()] == []
    assert (await until_held(before)).is_within(before)


async def test_audio_that_is_not_taken_is_no_reason_to_grow(services: Town) -> None:
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=Kind.STALL, after_ms=0))
    stream = await services.transcriber(Transport.HTTP2, patience=SHORT).open(OPTIONS)
    with pytest.raises(AwsSpeechError) as caught:
        await say(stream, bytes(16_000 * 200))
    await stream.close()
    assert caught.value.failure is Failure.STALLED


@both
async def test_a_silent_service_tells_nothing_and_ends_well(services: Town, transport: Transport) -> None:
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=Kind.SILENCE, after_ms=0))
    stream = await services.transcriber(transport).open(OPTIONS)
    assert await hear(stream) == []
    await stream.close()


@both
async def test_limits_are_the_services_own(tmp_path: Path, transport: Transport) -> None:
    limits = Limits(idle_seconds=0.3, longest_seconds=1.0, streams=1)
    async with town(tmp_path, Transcribe(limits=limits)) as services:
        transcriber = services.transcriber(transport)
        stream = await transcriber.open(OPTIONS)
        await stream.send(CLIP[:1600])
        second = await _failure(services, transport)
        assert second.failure is Failure.THROTTLED
        assert (await _end_of(stream)).reason == "BadRequestException"  # no audio for too long
        await stream.close()
        assert (await _failure(services, transport)).failure is Failure.THROTTLED  # longer than a second
        assert (
            await _failure(services, transport, audio=bytes(20_000), piece=20_000)
        ).failure is Failure.REFUSED


@both
async def test_nothing_is_left_of_fifty_streams(services: Town, transport: Transport) -> None:
    services.transcribe.limits = Limits(streams=100)
    transcriber = services.transcriber(transport)
    await _use(await transcriber.open(OPTIONS), finish=True)  # threads that the SDK keeps are there now
    before = held()
    for batch in range(5):
        streams = await asyncio.gather(*(transcriber.open(OPTIONS) for _ in range(10)))
        await asyncio.gather(*(_use(stream, finish=batch % 2 == 0) for stream in streams))
    after = await until_held(before)
    assert after.is_within(before), (before, after)
    # Ten were opened at once, each with a thread for its credentials.
    assert after.threads <= before.threads + 9
    assert services.transcribe.faults.live(Service.TRANSCRIBE) == 0


@both
async def test_opening_can_be_cancelled_at_any_moment(services: Town, transport: Transport) -> None:
    transcriber = services.transcriber(transport)
    await _use(await transcriber.open(OPTIONS), finish=True)
    before = held()
    for milliseconds in range(0, 20, 2):
        opening = asyncio.create_task(transcriber.open(OPTIONS))
        await asyncio.wait([opening], timeout=milliseconds / 1000)
        if not opening.cancel():
            await opening.result().close()
        await asyncio.wait([opening])
    after = await until_held(before)
    assert after.is_within(before), (before, after)


@both
async def test_a_place_where_nobody_listens_is_a_lost_connection(
    services: Town, transport: Transport
) -> None:
    url = "https://localhost:1" if transport is Transport.HTTP2 else "wss://localhost:1"
    with pytest.raises(AwsSpeechError) as caught:
        await services.transcriber(transport, url=url).open(OPTIONS)
    assert caught.value.failure is Failure.LOST


async def _failure(
    services: Town,
    transport: Transport,
    *,
    options: TranscribeOptions = OPTIONS,
    audio: bytes = AUDIO,
    piece: int = 1600,
) -> AwsSpeechError:
    """Use a stream until it fails, wherever it does, and return how."""
    with pytest.raises(AwsSpeechError) as caught:
        await _use_up(services, transport, options, audio, piece)
    return caught.value


async def _use_up(
    services: Town, transport: Transport, options: TranscribeOptions, audio: bytes, piece: int
) -> None:
    stream = await services.transcriber(transport).open(options)
    try:
        for start in range(0, len(audio), piece):
            await stream.send(audio[start : start + piece])
            await asyncio.sleep(0.001)
        # Not finished: who has said that was all may take the service's end, which is still on its way, for its answer.
        await drain(stream.results(), seconds=DEADLINE_S)
    finally:
        await stream.close()


async def _end_of(stream: TranscribeStream) -> AwsSpeechError:
    with pytest.raises(AwsSpeechError) as caught:
        await drain(stream.results(), seconds=DEADLINE_S)
    return caught.value


async def _use(stream: TranscribeStream, *, finish: bool) -> None:
    try:
        if finish:
            assert (await hear(stream))[-1].text == "nine thirty please"
        else:
            await say(stream, AUDIO[:8000])
    finally:
        await stream.close()


def _without_id(result: TranscribeResult) -> tuple[str, bool, tuple[object, ...]]:
    return result.text, result.is_partial, result.items


def test_of_an_opening_that_is_given_up_nothing_is_kept_for_long() -> None:
    assert uvloop.run(_give_up_openings()) == 0


async def _give_up_openings() -> int:
    """Give an opening up at each of its steps; return how many connections are kept when it could have ended by itself."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = Place(region="us-east-1", url=f"wss://127.0.0.1:{silent.getsockname()[1]}")
        for steps in range(60):
            opening = asyncio.create_task(
                open_websocket(place, OPTIONS, ReadOnlyCredentials("a", "b", None), Patience(open=1.0))
            )
            for _ in range(steps):
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.wait([opening])
        del opening
        for _ in range(int(DEADLINE_S / 0.1)):
            if not (kept := _connections()):
                break
            await asyncio.sleep(0.1)
        return kept


def _connections() -> int:
    gc.collect()
    return sum(isinstance(found, ClientConnection) for found in gc.get_objects())
