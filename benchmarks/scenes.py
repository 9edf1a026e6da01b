"""Makes the scenes of the bench of turns: what a caller says or does, when, and over which words of the agent.

Everything is drawn by one seed. The two halves of the recordings make scenes of their own, so that what was chosen by
looking at the first is judged by the second.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import pairwise
from random import Random

import numpy as np

from benchmarks.noises import SPEECH_LEVEL, cough, knock, laugh, silence
from benchmarks.prompts import SAMPLES_PER_MS, Sound, Speech, Word, level, sounding

LEAD_MS = 1500
"""The line before the caller's first word: the agent greets, and the voice detector learns the noise."""

_TAIL_MS = 5000
_LONGEST_TURN_MS = 6000
_FADE_MS = 30
_LONGEST_FLUENT_PAUSE_MS = 300
_EVERYDAY_PHRASES = ("yes", "no", "goodbye", "an agent", "another day")
_FULL_NUMBERS = ((3, 3, 4), (3, 4), (4, 4, 4, 4), (2, 2), (3, 3), (2, 2, 2))


class Kind(StrEnum):
    """What the caller does."""

    FLUENT = "fluent"
    STOPPING = "stopping"
    GROUPING = "grouping"
    FILLING = "filling"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"
    COUGH = "cough"
    LAUGH = "laugh"
    KNOCK = "knock"

    @property
    def is_turn(self) -> bool:
        """Whether the caller speaks while it is their turn."""
        return self in (Kind.FLUENT, *HESITATING)

    @property
    def wants_nothing(self) -> bool:
        """Whether the agent should go on."""
        return not self.is_turn and self is not Kind.INTERRUPTION


HESITATING = (Kind.STOPPING, Kind.GROUPING, Kind.FILLING)
"""Turns with pauses: between any words, between groups of digits, after a filler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One caller's track in silence, and what is true of it.

    `start_ms` and `end_ms` are where the caller's sound begins and ends; `phrases` are what the agent's step waits for.
    """

    kind: Kind
    sound: Sound
    words: tuple[Word, ...]
    start_ms: int
    end_ms: int
    phrases: tuple[str, ...]
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One half of the recordings, by what they are used for; `listening` are backchannels with their spelling."""

    sentences: tuple[Speech, ...]
    singles: tuple[Speech, ...]
    digits: tuple[Speech, ...]
    filler: Speech
    vowel: Sound
    listening: tuple[Speech, ...]

    @property
    def all(self) -> tuple[Speech, ...]:
        """What others on the line may say."""
        return self.sentences + self.singles


def halves(prompts: dict[str, Speech]) -> tuple[Half, Half]:
    """Split the recordings in two, each alternate one to the other half."""
    letters = ("letters/", "phonetic/", "digits/")
    turns = [
        speech
        for name, speech in prompts.items()
        if not name.startswith(letters)
        and name not in ("goodbye", "vm-goodbye")
        and 250 <= speech.length_ms <= _LONGEST_TURN_MS
        and speech.longest_pause_ms < _LONGEST_FLUENT_PAUSE_MS
    ]
    return _half(prompts, turns, 0), _half(prompts, turns, 1)


def _half(prompts: dict[str, Speech], turns: Sequence[Speech], which: int) -> Half:
    digits = [prompts[f"digits/{digit}"] for digit in range(10)]
    vowel = prompts["letters/r"].sound[50 * SAMPLES_PER_MS : 300 * SAMPLES_PER_MS]
    return Half(
        sentences=tuple(speech for speech in turns if len(speech.words) > 1)[which::2],
        singles=tuple(speech for speech in turns if len(speech.words) == 1)[which::2],
        digits=tuple(digits[which::2]),
        filler=respelled("um", prompts[("letters/n", "letters/m")[which]]),
        vowel=vowel,
        listening=tuple(_listening(prompts, which)),
    )


def _listening(prompts: dict[str, Speech], which: int) -> Iterator[Speech]:
    """Cut what listeners say out of words that sound alike: "okay" is O and K."""
    if which == 0:
        yield respelled("oh", prompts["digits/oh"])
        yield respelled("okay", brief(prompts["letters/o"], 180), brief(prompts["letters/k"], 300))
        yield respelled("good", prompts["goodbye"].part(0, 1))
        yield respelled("right", prompts["letters/ascii125"].part(0, 1))
        yield respelled("mhm", brief(prompts["letters/n"], 200), brief(prompts["letters/n"], 250))
    else:
        yield respelled("oh", prompts["letters/o"])
        yield respelled("I see", brief(prompts["letters/i"], 200), brief(prompts["letters/c"], 320))
        yield respelled("yes", prompts["digits/yesterday"].part(0, 1))
        yield respelled("right", prompts["letters/ascii93"].part(0, 1))
        yield respelled("mhm", brief(prompts["letters/m"], 200), brief(prompts["letters/m"], 250))


def respelled(text: str, *parts: Speech) -> Speech:
    """Join recordings without a pause, and call the whole what they sound like."""
    joined = np.concatenate([part.sound for part in parts])
    length_ms = len(joined) // SAMPLES_PER_MS
    return Speech(name=text, sound=joined, words=(Word(text=text, start_ms=0, end_ms=length_ms),))


def brief(speech: Speech, length_ms: int) -> Speech:
    """Break a recording off softly: letters are read slowly, and nobody says "okay" for a whole second."""
    kept = speech.sound[: length_ms * SAMPLES_PER_MS].copy()
    fade = _FADE_MS * SAMPLES_PER_MS
    kept[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return replace(speech, sound=kept, words=tuple(word.within(length_ms) for word in speech.words))


def make_scenes(half: Half, seed: int, share: float = 1.0) -> list[Scene]:
    """Make 100 fluent turns, 100 hesitating ones, 100 interruptions and 150 other sounds, or a share of each."""
    random = Random(seed)
    makers: list[tuple[Callable[[Half, Random], Scene], int]] = [
        (partial(_turn, Kind.FLUENT, _fluent), 100),
        (partial(_turn, Kind.STOPPING, _stopping), 34),
        (partial(_turn, Kind.GROUPING, _grouping), 33),
        (partial(_turn, Kind.FILLING, _filling), 33),
        (_interruption, 100),
        (_backchannel, 45),
        (_cough, 40),
        (_laugh, 30),
        (_knock, 35),
    ]
    return [make(half, random) for make, count in makers for _ in range(round(count * share))]


# --- what a caller says ---


def _turn(kind: Kind, make: Callable[[Half, Random], Speech], half: Half, random: Random) -> Scene:
    speech = make(half, random)
    phrases = (*_EVERYDAY_PHRASES, speech.text) if random.random() < 0.5 else _EVERYDAY_PHRASES
    return _scene(kind, speech, LEAD_MS + random.randrange(200), phrases)


def _fluent(half: Half, random: Random) -> Speech:
    """Say a sentence, a word, or a number in one go."""
    which = random.random()
    if which < 0.15:
        return joined([(digit, 40) for digit in random.choices(half.digits, k=random.choice((4, 6, 7, 10)))])
    return random.choice(half.singles if which < 0.3 else half.sentences)


def _stopping(half: Half, random: Random) -> Speech:
    """Stop once or twice between any two words of a sentence."""
    speech = random.choice([speech for speech in half.sentences if len(speech.words) > 3])
    inner = range(1, len(speech.words))
    stops = sorted(random.sample(inner, random.randint(1, 2)))
    bounds = [0, *stops, len(speech.words)]
    parts = [speech.part(first, last) for first, last in pairwise(bounds)]
    return joined([(part, _pause_ms(random)) for part in parts])


def _grouping(half: Half, random: Random) -> Speech:
    """Say a number in groups, with a pause after each."""
    parts: list[tuple[Speech, int]] = []
    for length in random.choice(_FULL_NUMBERS):
        digits = random.choices(half.digits, k=length)
        parts += [(digit, 40) for digit in digits[:-1]]
        parts.append((digits[-1], _pause_ms(random)))
    return joined(parts)


def _filling(half: Half, random: Random) -> Speech:
    """Say "um" between any two words of a sentence, or before the first, and think."""
    speech = random.choice([speech for speech in half.sentences if len(speech.words) > 2])
    stop = random.randrange(len(speech.words))
    before = [(speech.part(0, stop), random.randint(50, 250))] if stop else []
    rest = speech.part(stop, len(speech.words))
    return joined([*before, (half.filler, _pause_ms(random)), (rest, 0)])


def _pause_ms(random: Random) -> int:
    return random.randint(300, 1500)


def joined(parts: Sequence[tuple[Speech, int]]) -> Speech:
    """Say one part after the other, each with a pause of so many ms behind it; none after the last."""
    sounds: list[Sound] = []
    words: list[Word] = []
    now_ms = 0
    for index, (part, pause_ms) in enumerate(parts):
        words += [word.later(now_ms) for word in part.words]
        after_ms = 0 if index == len(parts) - 1 else pause_ms
        sounds += [part.sound[: part.length_ms * SAMPLES_PER_MS], silence(after_ms)]
        now_ms += part.length_ms + after_ms
    return Speech(name="joined", sound=np.concatenate(sounds), words=tuple(words))


# --- what a caller does while the agent speaks ---


def _interruption(half: Half, random: Random) -> Scene:
    speech = random.choice(half.singles if random.random() < 0.3 else half.sentences)
    return _scene(Kind.INTERRUPTION, speech, _moment_ms(random), _EVERYDAY_PHRASES)


def _backchannel(half: Half, random: Random) -> Scene:
    return _scene(Kind.BACKCHANNEL, random.choice(half.listening), _moment_ms(random), _EVERYDAY_PHRASES)


def _cough(_: Half, random: Random) -> Scene:
    return _noise_scene(Kind.COUGH, cough(random), random)


def _laugh(half: Half, random: Random) -> Scene:
    return _noise_scene(Kind.LAUGH, laugh(half.vowel, random), random)


def _knock(_: Half, random: Random) -> Scene:
    return _noise_scene(Kind.KNOCK, knock(random), random)


def _noise_scene(kind: Kind, sound: Sound, random: Random) -> Scene:
    return _scene(kind, Speech(name=kind, sound=sound, words=()), _moment_ms(random), _EVERYDAY_PHRASES)


def _moment_ms(random: Random) -> int:
    return LEAD_MS + random.randrange(3500)


def _scene(kind: Kind, speech: Speech, start_ms: int, phrases: tuple[str, ...]) -> Scene:
    steps = np.flatnonzero(sounding(speech.sound))
    return Scene(
        kind=kind,
        sound=np.concatenate((silence(start_ms), speech.sound, silence(_TAIL_MS))),
        words=tuple(word.later(start_ms) for word in speech.words),
        start_ms=start_ms + int(steps[0]) * 10,
        end_ms=start_ms + int(steps[-1] + 1) * 10,
        phrases=phrases,
        level=level(speech.sound) if speech.words else SPEECH_LEVEL,
    )
