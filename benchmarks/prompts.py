"""Recorded human speech with the times of its words: the prompts of Debian's asterisk-core-sounds-en, never kept here.

`make bench-turns` unpacks the packages. The words come from their text list, the times from a forced alignment, made once
and kept beside them.
"""

import gzip
import json
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from local.speech.lexicon import MODEL_PATH, pronunciations, words_of
from streamer.media.mulaw import RATE_HZ
from streamer.speech.resample import Upsampler

FOLDER = Path(__file__).parents[1] / ".cache" / "prompts"

Sound = NDArray[np.float32]
"""Samples at 8000 Hz, as large as 16-bit ones."""

SAMPLES_PER_MS = RATE_HZ // 1000
_SOUNDS = "usr/share/asterisk/sounds/en_US_f_Allison"
_TEXTS = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
_STEP_MS = 10
# A step is part of the speech when it reaches this share of the loudest one: 30 dB below it.
_SOUNDING_SHARE = 0.03
_DIGITS = dict(
    zip(
        "0123456789",
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        strict=True,
    )
)
# Of words that are cut out of longer ones.
_PARTS = {"terday": "T ER D EY"}
_ALIGNER_NOISE = 50.0
_VARIANT = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a recording and when it sounds, in ms from the beginning."""

    text: str
    start_ms: int
    end_ms: int

    @property
    def middle_ms(self) -> int:
        """When half of it has been said."""
        return (self.start_ms + self.end_ms) // 2

    def later(self, by_ms: int) -> "Word":
        """Return the same word in a recording that begins so much earlier."""
        return replace(self, start_ms=self.start_ms + by_ms, end_ms=self.end_ms + by_ms)

    def within(self, length_ms: int) -> "Word":
        """Return the same word without what lies before the beginning or after so much."""
        start_ms = min(max(0, self.start_ms), length_ms)
        return replace(self, start_ms=start_ms, end_ms=min(max(start_ms, self.end_ms), length_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A recording from its first sound to its last."""

    name: str
    sound: Sound
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """What is said."""
        return " ".join(word.text for word in self.words)

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return len(self.sound) // SAMPLES_PER_MS

    @property
    def longest_pause_ms(self) -> int:
        """The longest stretch inside in which nothing sounds."""
        quiet = "".join(".x"[bool(step)] for step in sounding(self.sound)).split("x")
        return max(map(len, quiet)) * _STEP_MS

    def part(self, first: int, last: int) -> "Speech":
        """Cut out the words from number `first` up to, and without, `last`, where they meet their neighbours."""
        start_ms = self._boundary_ms(first)
        end_ms = self._boundary_ms(last)
        words = tuple(word.later(-start_ms) for word in self.words[first:last])
        sound = self.sound[start_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS]
        return trimmed(self.name, sound, words)

    def _boundary_ms(self, index: int) -> int:
        if index == 0:
            return 0
        if index == len(self.words):
            return self.length_ms
        return (self.words[index - 1].end_ms + self.words[index].start_ms) // 2


def trimmed(name: str, sound: Sound, words: tuple[Word, ...]) -> Speech:
    """Cut from both ends what does not sound."""
    steps = np.flatnonzero(sounding(sound))
    start_ms, end_ms = (int(steps[0]) * _STEP_MS, int(steps[-1] + 1) * _STEP_MS) if len(steps) else (0, 0)
    length_ms = end_ms - start_ms
    return Speech(
        name=name,
        sound=sound[start_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS],
        words=tuple(word.later(-start_ms).within(length_ms) for word in words),
    )


def sounding(sound: Sound) -> NDArray[np.bool_]:
    """Say of each 10 ms whether anything sounds."""
    width = _STEP_MS * SAMPLES_PER_MS
    steps = sound[: len(sound) // width * width].reshape(-1, width)
    levels = np.sqrt(np.mean(np.square(steps), axis=1))
    return np.asarray(levels >= _SOUNDING_SHARE * levels.max(initial=1.0))


def level(sound: Sound) -> float:
    """Return the effective value of what sounds in it."""
    steps = np.repeat(sounding(sound), _STEP_MS * SAMPLES_PER_MS)
    return float(np.sqrt(np.mean(np.square(sound[: len(steps)][steps]))))


def load_prompts(folder: Path = FOLDER) -> dict[str, Speech]:
    """Read all recordings whose words are known, in a fixed order."""
    texts = dict(_texts(folder))
    found = _aligned_words(folder, texts)
    return {
        name: trimmed(
            name, _read(folder, name), tuple(Word(text=t, start_ms=s, end_ms=e) for t, s, e in words)
        )
        for name, words in sorted(found.items())
    }


def _texts(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in gzip.decompress((folder / _TEXTS).read_bytes()).decode().splitlines():
        name, colon, text = line.partition(":")
        # What is in brackets is no speech; the longest are speeches, and no turn of a caller.
        if not colon or re.search(r"[\[(<*#@]", text) or not (folder / _SOUNDS / f"{name}.wav").exists():
            continue
        words = words_of(re.sub(r"\d", lambda digit: f" {_DIGITS[digit[0]]} ", text))
        if 0 < len(words) <= 25 and all(map(pronunciations, words)):
            yield name, words


def _read(folder: Path, name: str) -> Sound:
    with wave.open(str(folder / _SOUNDS / f"{name}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)


_Aligned = dict[str, list[tuple[str, int, int]]]


def _aligned_words(folder: Path, texts: dict[str, tuple[str, ...]]) -> _Aligned:
    kept = folder / "words.json"
    if not kept.exists():
        print(f"Finding the words in {len(texts)} recordings, once", flush=True)
        kept.write_text(json.dumps(_align_all(folder, texts)))
    found: _Aligned = json.loads(kept.read_text())
    return found


def _align_all(folder: Path, texts: dict[str, tuple[str, ...]]) -> _Aligned:
    config = pocketsphinx.Config(
        hmm=str(MODEL_PATH / "en-us"), dict=str(MODEL_PATH / "cmudict-en-us.dict"), lm=None, loglevel="FATAL"
    )
    decoder = pocketsphinx.Decoder(config)
    for word, phones in _PARTS.items():
        decoder.add_word(word, phones, True)
    texts = {
        **texts,
        "digits/yesterday": ("yes", "terday"),
        "goodbye": ("good", "bye"),
        "vm-goodbye": ("good", "bye"),
    }
    aligned = {name: _align(decoder, _read(folder, name), words) for name, words in texts.items()}
    return {name: words for name, words in aligned.items() if len(words) == len(texts[name])}


def _align(
    decoder: "pocketsphinx.Decoder", sound: Sound, words: tuple[str, ...]
) -> list[tuple[str, int, int]]:
    wide = Upsampler().feed(sound)
    # In digital silence the features of the model are meaningless.
    wide += np.random.default_rng(16).normal(0, _ALIGNER_NOISE, len(wide)).astype(np.float32)
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(np.clip(wide, -32768, 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [
        (_VARIANT.sub("", part.word), part.start_frame * 10, (part.end_frame + 1) * 10)
        for part in decoder.seg()
        if not part.word.startswith(("<", "["))
    ]
