"""The voices of a call: deadlines, the second choice, and where it goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.errors import EngineError
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.ports import Order, Sent, Voice, VoiceChoice
from streamer.speech.speaker import Answered, Part, Speaker, Stumbled, unspoken
from tests.support.engines import SILENCE, ScriptedSynthesiser

FIRST, SECOND = Voice(engine="one", name="a"), Voice(engine="two", name="b")
BROKEN = EngineError("It broke.", engine="one")
REFUSED = AwsSpeechError(Failure.REFUSED, service="Polly", reason="no")
A_SECOND = b"\x05" * 8000
TEXT = "Your appointment is on Thursday at nine in the morning."
A_TEXT_OF_SPEECH = b"\x05" * (len(TEXT) * 560)


def speaker(*synthesisers: ScriptedSynthesiser, limit_s: float = 5) -> Speaker:
    choices = [
        VoiceChoice(voice=v, synthesiser=s) for v, s in zip((FIRST, SECOND), synthesisers, strict=False)
    ]
    return Speaker(choices, first_audio_limit_s=limit_s)


async def heard(speaker: Speaker, text: str = TEXT) -> list[Part]:
    return [part async for part in speaker.speak(text)]


def audio(parts: list[Part]) -> bytes:
    return b"".join(part for part in parts if isinstance(part, bytes))


def voices(parts: list[Part]) -> list[Voice]:
    return [part.voice for part in parts if isinstance(part, Answered)]


def codes(parts: list[Part]) -> list[str]:
    return [part.code for part in parts if isinstance(part, Stumbled)]


async def test_a_voice_that_works_is_the_only_one_that_is_asked() -> None:
    second = ScriptedSynthesiser()
    saying = speaker(ScriptedSynthesiser({TEXT: [A_SECOND, A_SECOND]}), second)
    parts = await heard(saying)
    assert audio(parts) == 2 * A_SECOND
    assert voices(parts) == [FIRST]
    assert second.asked == []
    assert saying.characters == {"one": len(TEXT)}


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([BROKEN], "synthesiser-failed"),
        ([AwsSpeechError(Failure.THROTTLED, service="Polly")], "synthesiser-throttled"),
        ([REFUSED], "synthesiser-refused"),
        ([asyncio.Event()], "synthesiser-stalled"),
        ([SILENCE * 40, asyncio.Event()], "synthesiser-stalled"),
        ([SILENCE * 200], "synthesiser-failed"),
        ([b""], "synthesiser-failed"),
    ],
)
async def test_the_second_voice_says_the_whole_sentence_when_nothing_of_it_has_sounded(
    script: list[bytes | Exception | asyncio.Event], code: str
) -> None:
    second = ScriptedSynthesiser({TEXT: [A_SECOND]})
    parts = await heard(speaker(ScriptedSynthesiser({TEXT: script}), second, limit_s=0.05))
    assert (codes(parts), voices(parts), audio(parts)) == ([code], [SECOND], A_SECOND)


async def test_a_voice_that_breaks_off_is_followed_from_a_word_that_it_has_reached() -> None:
    half = A_TEXT_OF_SPEECH[: len(A_TEXT_OF_SPEECH) // 2]
    second = ScriptedSynthesiser()
    parts = await heard(speaker(ScriptedSynthesiser({TEXT: [half, BROKEN]}), second))
    assert second.asked == ["Thursday at nine in the morning."]
    assert audio(parts).startswith(half + b"\xff" * 1280)
    assert voices(parts) == [FIRST, SECOND]


async def test_a_voice_that_falls_silent_within_a_sentence_is_followed_too() -> None:
    half = A_TEXT_OF_SPEECH[: len(A_TEXT_OF_SPEECH) // 2]
    second = ScriptedSynthesiser()
    await heard(speaker(ScriptedSynthesiser({TEXT: [half, SILENCE * 50, SILENCE * 50]}), second))
    assert second.asked == ["Thursday at nine in the morning."]


async def test_what_was_all_but_said_is_not_said_again() -> None:
    second = ScriptedSynthesiser()
    parts = await heard(speaker(ScriptedSynthesiser({TEXT: [A_TEXT_OF_SPEECH * 2, BROKEN]}), second))
    assert second.asked == []
    assert codes(parts) == []


async def test_a_voice_that_has_failed_is_not_waited_for_at_the_next_sentence() -> None:
    first, second = ScriptedSynthesiser({TEXT: [BROKEN]}), ScriptedSynthesiser()
    saying = speaker(first, second)
    await heard(saying)
    parts = await heard(saying, "More of it.")
    assert (first.asked, second.asked) == ([TEXT], [TEXT, "More of it."])
    assert (codes(parts), voices(parts)) == ([], [SECOND])


async def test_all_voices_are_tried_again_before_it_is_given_up() -> None:
    first, second = ScriptedSynthesiser({TEXT: [BROKEN]}), ScriptedSynthesiser({TEXT: [BROKEN]})
    with pytest.raises(EngineError):
        await heard(speaker(first, second))
    assert (first.asked, second.asked) == ([TEXT] * 2, [TEXT] * 2)


async def test_the_only_voice_is_asked_again_unless_it_refuses() -> None:
    broken, refusing = ScriptedSynthesiser({TEXT: [BROKEN]}), ScriptedSynthesiser({TEXT: [REFUSED]})
    for synthesiser in (broken, refusing):
        with pytest.raises(EngineError):
            await heard(speaker(synthesiser))
    assert (len(broken.asked), len(refusing.asked)) == (2, 1)


@pytest.mark.parametrize("others", [[], [[BROKEN]]])
async def test_what_no_voice_says_is_given_up_before_the_caller_has_heard_nothing_for_three_seconds(
    others: list[list[bytes | Exception | asyncio.Event]],
) -> None:
    scripts: list[list[bytes | Exception | asyncio.Event]] = [[asyncio.Event()], *others]
    saying = speaker(*(ScriptedSynthesiser({TEXT: script}) for script in scripts), limit_s=1.0)
    began_s = asyncio.get_running_loop().time()
    with pytest.raises(EngineError):
        await heard(saying)
    assert asyncio.get_running_loop().time() - began_s < 2.95


async def test_what_a_request_waited_is_no_part_of_its_answer_and_who_was_asked_is_billed() -> None:
    class Queued:
        async def synthesise(
            self, text: str, *, voice: Voice, order: Order | None = None
        ) -> AsyncIterator[bytes | Sent]:
            await asyncio.sleep(0.2)
            yield Sent(engine="one-standard", waited_ms=120, characters=7)
            yield A_SECOND

    saying = Speaker([VoiceChoice(voice=FIRST, synthesiser=Queued())])
    [answered] = [part for part in await heard(saying) if isinstance(part, Answered)]
    assert answered.answered_ms == 80
    assert saying.characters == {"one-standard": 7}


class Asked:
    """Has sent its request, and says no more until it fails."""

    def __init__(self, failure: EngineError | None) -> None:
        self._failure = failure
        self.is_asked = asyncio.Event()

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes | Sent]:
        yield Sent(engine="one-standard", waited_ms=0, characters=len(text))
        self.is_asked.set()
        if self._failure is not None:
            raise self._failure
        await asyncio.Event().wait()


async def test_who_is_asked_and_given_up_before_the_first_audio_is_billed() -> None:
    asked = Asked(None)
    saying = Speaker([VoiceChoice(voice=FIRST, synthesiser=asked)])
    listening = asyncio.create_task(heard(saying))
    await asked.is_asked.wait()
    listening.cancel()
    await asyncio.wait([listening])
    assert saying.characters == {"one-standard": len(TEXT)}


async def test_who_refuses_is_not_billed() -> None:
    asked = Asked(AwsSpeechError(Failure.REFUSED, service="Polly", reason="no"))
    saying = Speaker([VoiceChoice(voice=FIRST, synthesiser=asked)])
    with pytest.raises(EngineError):
        await heard(saying)
    assert saying.characters == {}


@pytest.mark.fuzz
@given(
    st.text(alphabet="ab c,.", max_size=80),
    st.integers(0, 100_000),
    st.floats(200, 1000, allow_nan=False),
)
def test_what_is_left_of_a_text_is_its_end_from_a_word_on_and_less_the_more_was_said(
    text: str, spoken_bytes: int, rate: float
) -> None:
    left = unspoken(text, spoken_bytes, rate)
    assert text.endswith(left)
    assert left in ("", text) or text[len(text) - len(left) - 1] == " "
    assert len(unspoken(text, spoken_bytes + 800, rate)) <= len(left)
    # Nobody misses a word: of what is left out, all was said.
    assert (len(text) - len(left) - 1) * rate <= spoken_bytes or left == text
