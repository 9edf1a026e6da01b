"""The bench of turns itself: what it makes, and that it calls a cut-off one."""

from random import Random

import numpy as np
import pytest

from benchmarks.noises import Condition, cough, knock, on_the_line, silence
from benchmarks.one_call import Delays, Played, Policy, play
from benchmarks.prompts import SAMPLES_PER_MS, Speech, Word
from benchmarks.recognisers import Gated, Recogniser, Streamed
from benchmarks.scenes import HESITATING, Half, Kind, Scene, joined, make_scenes
from benchmarks.turns import GATED, SILENCE, WORDS
from benchmarks.verdicts import Tally, is_cut_off, is_exact, is_missed
from streamer.call.events import Recognised
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS, decode

STARTS_MS = 1600


def speech(*texts: str, word_ms: int = 300) -> Speech:
    """Somebody who says each word for so long, as a tone."""
    times = np.arange(len(texts) * word_ms * SAMPLES_PER_MS)
    words = (Word(text=text, start_ms=n * word_ms, end_ms=(n + 1) * word_ms) for n, text in enumerate(texts))
    sound = (8000 * np.sin(times / 5)).astype(np.float32)
    return Speech(name=texts[0], sound=sound, words=tuple(words))


def scene(kind: Kind, said: Speech, *, phrases: tuple[str, ...] = ("yes",)) -> Scene:
    sound = np.concatenate((silence(STARTS_MS), said.sound, silence(4000)))
    words = tuple(word.later(STARTS_MS) for word in said.words)
    end_ms = STARTS_MS + said.length_ms
    return Scene(
        kind=kind, sound=sound, words=words, start_ms=STARTS_MS, end_ms=end_ms, phrases=phrases, level=8000
    )


def played(of: Scene, policy: Policy, delays: Delays | None = None) -> Played:
    """Play it to a voice detector that hears every word and nothing else."""
    spans = [(word.start_ms, word.end_ms) for word in of.words] or [(of.start_ms, of.end_ms)]
    chunks = range(0, len(of.sound) // SAMPLES_PER_MS, CHUNK_MS)
    voiced = [any(start <= now_ms < end for start, end in spans) for now_ms in chunks]
    return play(of, voiced, policy, delays or Delays())


def hesitating(pause_ms: int, *before: str) -> Scene:
    return scene(Kind.STOPPING, joined([(speech(*before), pause_ms), (speech("next", "week"), 0)]))


@pytest.mark.parametrize(
    ("pause_ms", "before", "policy", "is_one"),
    [
        (1000, ("move", "it"), SILENCE, True),
        (1000, ("move", "it"), WORDS, True),
        (1000, ("move", "it", "to"), SILENCE, True),
        (1000, ("move", "it", "to"), WORDS, False),
        (400, ("move", "it"), SILENCE, False),
        (400, ("move", "it"), WORDS, False),
        (400, ("yes",), WORDS, True),
    ],
)
def test_a_caller_who_hears_a_reply_before_the_end_is_cut_off(
    pause_ms: int, before: tuple[str, ...], policy: Policy, is_one: bool
) -> None:
    turn = hesitating(pause_ms, *before)
    assert is_cut_off(turn, played(turn, policy)) is is_one


def test_a_slow_recogniser_is_awaited_and_its_delay_is_in_the_reply() -> None:
    turn = scene(Kind.FLUENT, speech("move", "it"))
    for policy, replies_ms in ((WORDS, 800), (GATED, 900), (SILENCE, 1200)):
        reply_ms = played(turn, policy, Delays(recogniser_ms=700)).reply_ms
        assert reply_ms is not None
        assert abs(reply_ms - turn.end_ms - replies_ms) <= CHUNK_MS


def told(recogniser: Recogniser, *asked_ms: int) -> list[tuple[int, str, int | None]]:
    """Let 4 s pass, with questions; return the finals, when they came and how long ago their last word was."""
    finals = []
    for now_ms in range(0, 4000, CHUNK_MS):
        if now_ms in asked_ms:
            recogniser.start(now_ms - 400)
            recogniser.finish(now_ms)
        finals += [
            (now_ms, event.text, event.silent_ms)
            for event in recogniser.due(now_ms)
            if isinstance(event, Recognised)
        ]
    return finals


def test_a_word_that_the_detector_has_missed_is_lost_to_a_gated_recogniser_and_not_to_a_streamed_one() -> (
    None
):
    words = [Word(text=text, start_ms=ms, end_ms=ms + 300) for text, ms in (("move", 100), ("it", 2500))]
    assert told(Gated(words, 700), 3000) == [(3700, "it", 900)]
    assert told(Streamed(words, 700), 3000) == [(3600, "move it", 800)]


def test_a_streamed_recogniser_tells_words_as_they_are_said() -> None:
    words = [Word(text=text, start_ms=ms, end_ms=ms + 300) for text, ms in (("move", 100), ("it", 500))]
    streamed = Streamed(words, 200)
    parts = [(ms, e.text) for ms in range(0, 2000, CHUNK_MS) for e in streamed.due(ms)]
    assert parts == [(600, "move"), (1000, "move it")]


@pytest.mark.parametrize("policy", [WORDS, SILENCE])
def test_an_interruption_is_missed_when_the_agent_keeps_the_floor(policy: Policy) -> None:
    one = scene(Kind.INTERRUPTION, speech("wait", "a", "moment"))
    heard = played(one, policy)
    assert not is_missed(one, heard, 0)
    heard.stops_ms = [one.end_ms + 5000]
    assert is_missed(one, heard, 0)


def test_a_cough_is_followed_by_exactly_what_it_stopped() -> None:
    one = scene(Kind.COUGH, Speech(name="cough", sound=speech("x").sound, words=()))
    tally = Tally(delays=Delays())
    tally.add(one, heard := played(one, GATED))
    assert len(heard.pauses_ms) == len(heard.resumes_ms) == 1
    assert (tally.percent([Kind.COUGH]), tally.inexact, tally.resumptions) == (0.0, 0, [200])
    tally.add(one, played(one, SILENCE))
    assert tally.percent([Kind.COUGH]) == 50.0


def test_a_chunk_that_is_lost_or_heard_twice_is_noticed() -> None:
    first, second, third = (bytes([n]) * CHUNK_BYTES for n in range(3))
    said = bytearray(first + second + third)
    assert is_exact(Played(heard=[(0, first), (20, second)], said=said))
    assert not is_exact(Played(heard=[(0, first), (20, third)], said=said))
    assert not is_exact(Played(heard=[(0, first), (20, first)], said=said))


def half() -> Half:
    digits = tuple(speech(name) for name in ("one", "two"))
    return Half(
        sentences=(speech("my", "name", "is", "ada", "king"), speech("i", "need", "help", "now")),
        singles=(speech("hello"),),
        digits=digits,
        filler=speech("um"),
        vowel=speech("a").sound,
        listening=(speech("okay"),),
    )


def test_a_seed_makes_the_same_450_scenes_again() -> None:
    scenes, again = (make_scenes(half(), 3) for _ in range(2))
    counts = [sum(one.kind is kind for one in scenes) for kind in Kind]
    assert (counts[0], sum(counts[1:4]), counts[4], sum(counts[5:])) == (100, 100, 100, 150)
    assert [one.words for one in scenes] == [one.words for one in again]
    assert [one.words for one in scenes] != [one.words for one in make_scenes(half(), 4)]


def test_who_hesitates_pauses_for_as_long_as_people_do() -> None:
    for one in make_scenes(half(), 3):
        gaps = [after.start_ms - word.end_ms for word, after in zip(one.words, one.words[1:], strict=False)]
        if one.kind in HESITATING:
            assert 300 <= max(gaps) <= 1500
        elif one.kind is Kind.FLUENT:
            assert max(gaps, default=0) <= 40


def test_noise_is_as_much_quieter_than_the_voice_as_its_name_says() -> None:
    nothing = silence(2000)
    for condition, expected in (
        (Condition.NOISE_20, 400),
        (Condition.NOISE_10, 1265),
        (Condition.BABBLE_20, 400),
    ):
        heard = np.frombuffer(decode(on_the_line(nothing, 4000, condition, half().all, Random(1))), "<i2")
        assert np.sqrt(np.mean(np.square(heard.astype(float)))) == pytest.approx(expected, rel=0.1)


def test_coughs_and_knocks_are_short_and_differ() -> None:
    for make in (cough, knock):
        lengths = {len(make(Random(seed))) // SAMPLES_PER_MS for seed in range(20)}
        assert len(lengths) > 5
        assert max(lengths) < 2000


@pytest.mark.parametrize(
    ("said", "delays", "waited_ms"),
    [
        # Released after 500 ms, or later where 200 ms and the engines are more; since "to" asks for more, after 1,600, of
        # which the engines are given 800.
        (("move", "it"), Delays(model_ms=100, synthesiser_ms=100), 500),
        (("move", "it"), Delays(recogniser_ms=200, model_ms=300, synthesiser_ms=200), 900),
        (("move", "it"), Delays(model_ms=700, synthesiser_ms=700), 1600),
        (("move", "it"), Delays(recogniser_ms=700, model_ms=700, synthesiser_ms=700), 2300),
        (("move", "it", "to"), Delays(recogniser_ms=200, model_ms=300, synthesiser_ms=200), 1600),
        (("move", "it", "to"), Delays(model_ms=600, synthesiser_ms=600), 2000),
    ],
)
def test_engines_work_while_the_caller_may_go_on(
    said: tuple[str, ...], delays: Delays, waited_ms: int
) -> None:
    one = scene(Kind.FLUENT, speech(*said))
    reply = played(one, GATED, delays)
    assert reply.reply_ms is not None
    assert reply.reply_ms - one.end_ms == pytest.approx(waited_ms, abs=2 * CHUNK_MS)
    assert reply.questions == 1
