"""Polly through the SDK, against the server that checks what the service checks."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path

import pytest

from local.aws.speech.faults import Fault, Kind, Service
from offhook.adapters.dynamodb.organizations.quotas import DynamoQuotas
from offhook.adapters.dynamodb.store import Store
from offhook.agents.pronunciations import Pronunciation
from offhook.agents.quotas import Quota
from streamer.loop_time import now_s
from streamer.media import mulaw
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.polly import Polly, PollySynthesiser, make_client, to_ssml
from streamer.speech.ports import Sent, Voice
from streamer.speech.shared_rate import SharedRate
from tests.support.aws_speech import Town, held, session, tones, town, until_held

pytestmark = pytest.mark.every_python

TEXT = "Good morning"
PROMPT_S = 3.0
MANY = 10_000


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as running:
        running.polly.requests_per_second = dict.fromkeys(running.polly.requests_per_second, MANY)
        yield running


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(8, thread_name_prefix="polly") as pool:
        yield pool


@pytest.fixture
def one_thread() -> Iterator[Executor]:
    with ThreadPoolExecutor(1, thread_name_prefix="polly") as pool:
        yield pool


async def spoken(text: str = TEXT) -> bytes:
    return b"".join([piece async for piece in tones(text, "")])


def joanna(polly: Polly) -> AsyncGenerator[bytes, None]:
    return polly.speak(TEXT, voice="Joanna", engine="neural")


async def listen(polly: Polly, text: str = TEXT, *, voice: str = "Joanna", is_ssml: bool = False) -> bytes:
    async with aclosing(polly.speak(text, voice=voice, engine="neural", is_ssml=is_ssml)) as pieces:
        return b"".join([piece async for piece in pieces])


async def test_speech_comes_as_the_telephones_own_bytes(services: Town, threads: Executor) -> None:
    assert await listen(services.speaker(threads)) == await spoken()
    [request] = services.polly.requests
    assert (request.OutputFormat, request.SampleRate, request.TextType) == ("mulaw", "8000", "text")


async def test_the_first_piece_is_there_before_the_speech_is_made(tmp_path: Path, threads: Executor) -> None:
    may_go_on = asyncio.Event()

    async def slow(text: str, voice: str) -> AsyncIterator[bytes]:
        yield b"\x10" * 160
        await may_go_on.wait()
        yield b"\x20" * 160

    async with (
        town(tmp_path, speak=slow) as services,
        aclosing(joanna(services.speaker(threads))) as pieces,
    ):
        async with asyncio.timeout(PROMPT_S):
            assert await anext(pieces) == b"", "the request is on its way"
            assert await anext(pieces) == b"\x10" * 160
        may_go_on.set()
        assert await anext(pieces) == b"\x20" * 160


async def test_a_voice_without_mulaw_is_asked_for_pcm_from_then_on(services: Town, threads: Executor) -> None:
    services.polly.without_mulaw.add("Joanna")
    polly = services.speaker(threads)
    expected = mulaw.encode(mulaw.decode(await spoken()))
    assert [await listen(polly), await listen(polly)] == [expected, expected]
    assert [request.OutputFormat for request in services.polly.requests] == ["mulaw", "pcm", "pcm"]


async def test_pcm_that_is_cut_within_a_sample_is_put_together(tmp_path: Path, threads: Executor) -> None:
    async def uneven(text: str, voice: str) -> AsyncIterator[bytes]:
        for size in (1, 3, 5, 7, 1000):
            yield b"\x15" * size

    async with town(tmp_path, speak=uneven) as services:
        services.polly.without_mulaw.add("Joanna")
        assert await listen(services.speaker(threads)) == b"\x15" * 1016


async def test_voices_are_those_that_the_service_has(services: Town) -> None:
    client = make_client(session(), region="us-east-1", url=services.addresses.polly_url)
    try:
        answer = await asyncio.to_thread(client.describe_voices, LanguageCode="en-US", Engine="generative")
    finally:
        client.close()
    voices = {voice["Id"]: voice["SupportedEngines"] for voice in answer["Voices"]}
    assert set(voices) == {"Danielle", "Joanna", "Matthew", "Ruth", "Salli", "Stephen", "Tiffany"}
    assert "standard" not in voices["Ruth"]


async def test_markup_in_a_text_is_spoken_and_not_obeyed(services: Town, threads: Executor) -> None:
    text = 'Tom & "Jerry" <break time="9s"/> ]]> \x00\x1b\ufffe ok'
    assert await listen(services.speaker(threads), to_ssml(text), is_ssml=True) == await spoken(
        'Tom & "Jerry" <break time="9s"/> ]]>  ok'
    )


@pytest.mark.parametrize(
    ("text", "voice", "is_ssml", "reason"),
    [
        ("<speak>Tom & Jerry</speak>", "Joanna", True, "InvalidSsmlException"),
        (TEXT, "Penelope", False, "EngineNotSupportedException"),
        (TEXT, "Nobody", False, "ValidationException"),
        ("x" * 3001, "Joanna", False, "TextLengthExceededException"),
    ],
)
async def test_what_will_always_be_refused_says_so(
    services: Town, threads: Executor, text: str, voice: str, is_ssml: bool, reason: str
) -> None:
    with pytest.raises(AwsSpeechError) as caught:
        await listen(services.speaker(threads), text, voice=voice, is_ssml=is_ssml)
    assert (caught.value.failure, caught.value.reason) == (Failure.REFUSED, reason)
    assert not caught.value.retryable


async def test_a_wrong_secret_is_refused(services: Town, threads: Executor) -> None:
    with pytest.raises(AwsSpeechError) as caught:
        await listen(services.speaker(threads, secret="guessed"))
    assert (caught.value.failure, caught.value.reason) == (Failure.REFUSED, "InvalidSignatureException")


@pytest.mark.parametrize(
    ("kind", "after_ms", "failure", "heard_ms"),
    [
        (Kind.THROTTLE, None, Failure.THROTTLED, 0),
        (Kind.INTERNAL, None, Failure.UNAVAILABLE, 0),
        (Kind.UNAVAILABLE, None, Failure.UNAVAILABLE, 0),
        (Kind.RESET_CONNECTION, None, Failure.LOST, 0),
        (Kind.END, None, Failure.LOST, 0),
        (Kind.END, 450, Failure.LOST, 450),
        (Kind.RESET_CONNECTION, 450, Failure.LOST, None),
        (Kind.STALL, None, Failure.STALLED, 0),
        (Kind.STALL, 450, Failure.STALLED, 450),
    ],
)
async def test_every_failure_is_told_by_its_kind_and_without_another_try(
    services: Town,
    threads: Executor,
    kind: Kind,
    after_ms: int | None,
    failure: Failure,
    heard_ms: int | None,
) -> None:
    services.polly.faults.add(Fault(service=Service.POLLY, kind=kind, after_ms=after_ms))
    polly = services.speaker(threads, read_timeout_seconds=0.3)
    heard: list[bytes] = []
    began = now_s()
    with pytest.raises(AwsSpeechError) as caught:
        await _listen_into(heard, polly)
    assert caught.value.failure is failure
    assert caught.value.retryable
    assert now_s() - began < PROMPT_S
    # A reset may throw away what had come and was not read.
    assert heard_ms is None or b"".join(heard) == (await spoken())[: heard_ms * 8]
    assert await listen(polly) == await spoken()


async def test_a_quota_that_is_used_up_is_a_throttle(services: Town, threads: Executor) -> None:
    services.polly.requests_per_second["neural"] = 1
    polly = services.speaker(threads)
    answers = await asyncio.gather(*(listen(polly) for _ in range(9)), return_exceptions=True)
    errors = {(e.failure, e.reason) for e in answers if isinstance(e, AwsSpeechError)}
    assert errors == {(Failure.THROTTLED, "ThrottlingException")}
    assert await spoken() in answers


async def test_processes_that_share_a_quota_are_not_throttled_and_a_voice_has_a_second_engine(
    services: Town, threads: Executor, one_thread: Executor, store: Store, organization_id: str
) -> None:
    services.polly.requests_per_second |= {"neural": 8, "standard": 80}
    quota = Quota(name=organization_id, per_second=8, at_once=8)
    processes = [
        PollySynthesiser(
            services.speaker(threads),
            {"neural": SharedRate(quota, DynamoQuotas(store.database), one_thread, store_limit_s=PROMPT_S)},
        )
        for _ in range(3)
    ]

    async def say(n: int) -> list[bytes | Sent]:
        voice = Voice(engine="polly", name="Joanna")
        return [part async for part in processes[n % 3].synthesise(TEXT, voice=voice)]

    said = await asyncio.gather(*(say(n) for n in range(40)))
    engines = Counter(request.Engine for request in services.polly.requests)
    assert services.polly.throttled == 0
    assert engines["neural"] + engines["standard"] == 40
    assert {b"".join(part for part in parts if isinstance(part, bytes)) for parts in said} == {await spoken()}
    assert {part.engine for parts in said for part in parts if isinstance(part, Sent)} == {
        "polly-neural",
        "polly-standard",
    }


async def test_words_are_pronounced_as_the_agent_says(services: Town, threads: Executor) -> None:
    ways = (
        Pronunciation(word="SQL", alias="sequel"),
        Pronunciation(word="Nguyen", ipa="nwiən"),
        Pronunciation(word="Nguyen & Co", alias='"N" & co'),
    )
    voice = Voice(engine="polly", name="Joanna", pronunciations=ways)
    saying = PollySynthesiser(services.speaker(threads))
    for text, heard in (
        ("Ask nguyen < SQL.", "Ask nguyen < sequel."),
        ("MySQL it is.", "MySQL it is."),
        ("Nguyen & Co", '"N" & co'),
    ):
        parts = [part async for part in saying.synthesise(text, voice=voice)]
        assert b"".join(part for part in parts if isinstance(part, bytes)) == await spoken(heard)
    assert [(request.TextType, request.Text) for request in services.polly.requests] == [
        (
            "ssml",
            '<speak>Ask <phoneme alphabet="ipa" ph="nwiən">nguyen</phoneme> &lt; <sub alias="sequel">SQL</sub>.</speak>',
        ),
        ("text", "MySQL it is."),
        ("ssml", "<speak><sub alias='\"N\" &amp; co'>Nguyen &amp; Co</sub></speak>"),
    ]


async def test_a_slow_answer_is_waited_for(services: Town, threads: Executor) -> None:
    services.polly.faults.add(Fault(service=Service.POLLY, kind=Kind.SLOW, delay_ms=300))
    began = now_s()
    assert await listen(services.speaker(threads)) == await spoken()
    assert now_s() - began >= 0.3


async def test_a_silent_answer_is_as_long_as_the_speech(services: Town, threads: Executor) -> None:
    services.polly.faults.add(Fault(service=Service.POLLY, kind=Kind.SILENCE))
    assert await listen(services.speaker(threads)) == b"\xff" * len(await spoken())


async def test_who_stops_listening_frees_the_thread_at_once(services: Town, one_thread: Executor) -> None:
    services.polly.faults.add(Fault(service=Service.POLLY, kind=Kind.STALL, after_ms=200))
    polly = services.speaker(one_thread, read_timeout_seconds=30)
    pieces = joanna(polly)
    assert await anext(pieces) == b""
    assert await anext(pieces)
    await pieces.aclose()
    async with asyncio.timeout(PROMPT_S):
        assert await listen(polly) == await spoken()


async def test_who_stops_listening_before_the_answer_begins_waits_for_nothing(
    services: Town, threads: Executor
) -> None:
    services.polly.faults.add(Fault(service=Service.POLLY, kind=Kind.SLOW, delay_ms=400))
    polly = services.speaker(threads)
    listening = asyncio.create_task(listen(polly))
    async with asyncio.timeout(PROMPT_S):
        while not services.polly.faults.live(Service.POLLY):  # noqa: ASYNC110
            await asyncio.sleep(0)
    listening.cancel()
    await asyncio.wait([listening])
    assert services.polly.faults.live(Service.POLLY) == 1
    assert await listen(polly) == await spoken()
    # Its thread is freed by the answer.
    async with asyncio.timeout(PROMPT_S):
        while services.polly.faults.live(Service.POLLY):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_giving_one_speech_up_never_harms_another(services: Town, threads: Executor) -> None:
    polly = services.speaker(threads)

    async def given_up_after(count: int) -> None:
        async with aclosing(joanna(polly)) as pieces:
            for _ in range(count):
                await anext(pieces, None)

    async def all_of_it() -> bytes:
        return await listen(polly)

    for turn in range(10):
        async with asyncio.TaskGroup() as tasks:
            for n in range(4):
                tasks.create_task(given_up_after((turn + n) % 5))
            whole = [tasks.create_task(all_of_it()) for _ in range(4)]
        assert {task.result() for task in whole} == {await spoken()}


async def test_nothing_is_left_of_fifty_speeches(services: Town) -> None:
    before = held()
    with ThreadPoolExecutor(10, thread_name_prefix="polly") as threads:
        client = make_client(session(), region="us-east-1", url=services.addresses.polly_url)
        polly = Polly(client, threads)
        for _ in range(5):
            assert await asyncio.gather(*(listen(polly) for _ in range(10))) == [await spoken()] * 10
        client.close()
    after = await until_held(before)
    assert after.is_within(before), (before, after)
    assert after.threads <= before.threads


async def _listen_into(heard: list[bytes], polly: Polly) -> None:
    async with aclosing(joanna(polly)) as pieces:
        async for piece in pieces:
            heard.append(piece)  # noqa: PERF401 - what came before a failure is looked at
