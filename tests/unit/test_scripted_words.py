"""Scripted words: known by their audio, told at their time, written as the service writes."""

import pytest

from local.aws.speech.transcript import written
from local.aws.speech.words import ScriptedEar, Scripts, Utterance, Word

CHUNK = 320
LOUD = bytes(range(1, 251)) * 100
OTHER = bytes(range(2, 252)) * 100


def word(text: str, start_ms: int = 0, end_ms: int = 100) -> Word:
    return Word(text=text, start_ms=start_ms, end_ms=end_ms)


async def heard(ear: ScriptedEar, audio: bytes, *, piece: int = 1600) -> list[Utterance]:
    found: list[Utterance] = []
    for start in range(0, len(audio), piece):
        found.extend(await ear.hear(audio[start : start + piece]))
    return found


@pytest.mark.parametrize("piece", [160, 1600, 1602, 16_000])
async def test_audio_is_known_wherever_in_the_stream_it_is(piece: int) -> None:
    scripts = Scripts()
    scripts.add(bytes(CHUNK * 3) + LOUD, [word("yes", 160, 260)])
    scripts.add(OTHER, [word("no", 40, 90)])
    line = bytes(CHUNK * 10) + LOUD[: CHUNK * 20] + bytes(CHUNK * 7) + OTHER[: CHUNK * 20]
    found = await heard(ScriptedEar(scripts), line, piece=piece)
    # The first clip begins with 60 ms of quiet, so its word is 100 ms after its sound begins, at 200 ms.
    assert [utterance.words for utterance in found] == [(word("yes", 300, 400),), (word("no", 780, 830),)]


async def test_audio_that_begins_alike_and_is_another_is_not_known() -> None:
    scripts = Scripts()
    scripts.add(LOUD, [word("yes")])
    almost = LOUD[: CHUNK * 4] + OTHER[: CHUNK * 20]
    assert await heard(ScriptedEar(scripts), almost) == []


async def test_utterances_in_order_begin_with_the_sound_after_a_pause() -> None:
    scripts = Scripts()
    scripts.in_order = (Utterance(words=(word("one"),)), Utterance(words=(word("two"),)))
    line = (LOUD[: CHUNK * 5] + bytes(CHUNK * 10) + LOUD[: CHUNK * 5] + bytes(CHUNK * 30)) * 3
    found = await heard(ScriptedEar(scripts), line)
    assert [utterance.words for utterance in found] == [(word("one", 0, 100),), (word("two", 1000, 1100),)]


def test_audio_without_sound_cannot_be_known() -> None:
    with pytest.raises(ValueError, match="100 ms of sound"):
        Scripts().add(bytes(CHUNK * 100), [word("nothing")])


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("nine thirty", "9:30"),
        ("at nine thirty or five", "At 9:30 or 5"),
        ("thirteen fifty", "13 50"),
        ("yes please", "Yes please"),
    ],
)
def test_numbers_are_written_in_digits_unless_they_are_to_be_spoken(spoken: str, expected: str) -> None:
    words = [word(text, n * 200, n * 200 + 100) for n, text in enumerate(spoken.split())]
    assert " ".join(item.text for item in written(words)) == expected
