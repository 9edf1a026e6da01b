"""A pocketsphinx decoder that hears complete phrases of a small grammar and nothing else."""

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import pocketsphinx

from local.speech.lexicon import MODEL_PATH, pronunciations, words_of

# The mean of the cepstra of speech that came over a telephone, resampled to 16 kHz over a noise floor of -50 dBFS.
# A decoder that starts from its own mean gets the first words of a call wrong.
_TELEPHONE_CEPSTRAL_MEAN = "56.21,-3.07,-9.92,9.87,-5.44,-5.18,-1.66,-9.48,0.82,-1.16,-1.45,0.68,-2.32"
# The decoder moves its mean after 3 s; putting it back every 2 s holds it still.
_PRIOR_HOLDS_BYTES = 2 * 16_000 * 2
# Wide beams: the grammars are so small that they cost a third more time, and they find 2 to 3 % more.
_BEAMS = {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60}
_LOG_BASE = math.log(1.0001)
_ORDINARY_SILENCE = -12.0  # what a frame of silence scores; less means that something was said in it
# Between phrases lost and other sentences taken for one: at -47 a second set of phrases lost 6 to 10 % for 98 %
# refused, at -53 it lost 5 to 8 % for 92 to 96 %.
_LOWEST_SCORE = -53.0
_MOST_GRAMMARS = 16

_START, _END = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an utterance was: the phrase, "" when it was none of them, and how well it fitted per 10 ms of speech."""

    text: str
    score: float | None


class PhraseDecoder:
    """One decoder, 5 MB; serves one utterance at a time, of any grammar."""

    def __init__(self) -> None:
        config = pocketsphinx.Config(
            hmm=str(MODEL_PATH / "en-us"), loglevel="FATAL", bestpath=False, **_BEAMS
        )
        config["lm"] = None
        config["dict"] = None  # words are added as grammars need them: the whole dictionary would cost 28 MB
        self._decoder = pocketsphinx.Decoder(config)
        self._grammars: OrderedDict[tuple[str, ...], dict[str, str]] = OrderedDict()
        self._spoken: dict[str, str] = {}
        self._since_prior_bytes = 0

    def begin(self, phrases: tuple[str, ...]) -> None:
        """Start an utterance that is one of the phrases, all of which `is_known` must hold for."""
        if phrases in self._grammars:
            self._grammars.move_to_end(phrases)
        else:
            self._add_grammar(phrases)
        self._spoken = self._grammars[phrases]
        self._decoder.activate_search(_search_name(phrases))
        self._decoder.start_utt()
        self._hold_prior()

    def feed(self, pcm: bytes) -> None:
        """Take the next audio, 16-bit at 16 kHz."""
        if self._since_prior_bytes >= _PRIOR_HOLDS_BYTES:
            self._hold_prior()
        self._since_prior_bytes += len(pcm)
        self._decoder.process_raw(pcm)

    def finish(self) -> Heard:
        """End the utterance and say what it was."""
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        text = self._spoken.get(hypothesis.hypstr, "") if hypothesis is not None else ""
        if not text:
            return Heard(text="", score=None)
        score = _score((s.word, s.end_frame - s.start_frame + 1, s.ascore) for s in self._decoder.seg())
        return Heard(text=text if score >= _LOWEST_SCORE else "", score=round(score, 1))

    def _hold_prior(self) -> None:
        self._decoder.set_cmn(_TELEPHONE_CEPSTRAL_MEAN)
        self._since_prior_bytes = 0

    def _add_grammar(self, phrases: tuple[str, ...]) -> None:
        if len(self._grammars) >= _MOST_GRAMMARS:
            oldest, _ = self._grammars.popitem(last=False)
            self._decoder.remove_search(_search_name(oldest))
        spoken = {" ".join(words_of(phrase)): phrase for phrase in phrases}
        for word in {word for words in spoken for word in words.split()}:
            self._add_word(word)
        name = _search_name(phrases)
        self._decoder.add_fsg(name, self._decoder.create_fsg(name, _START, _END, _transitions(spoken)))
        self._grammars[phrases] = spoken

    def _add_word(self, word: str) -> None:
        if self._decoder.lookup_word(word) is not None:
            return
        for n, phones in enumerate(pronunciations(word), start=1):
            self._decoder.add_word(word if n == 1 else f"{word}({n})", phones, False)


def is_known(phrase: str) -> bool:
    """Say whether every word of the phrase is in the dictionary."""
    words = words_of(phrase)
    return bool(words) and all(pronunciations(word) for word in words)


def _search_name(phrases: tuple[str, ...]) -> str:
    return "\n".join(phrases)


def _transitions(spoken: Iterable[str]) -> list[tuple[int, int, float, str]]:
    """Lay the phrases side by side between the start and the end, each a path of its own."""
    paths: list[tuple[int, int, float, str]] = []
    following = _END + 1
    for phrase in spoken:
        words = phrase.split()
        states = [_START, *range(following, following + len(words) - 1), _END]
        following += len(words) - 1
        paths.extend((states[n], states[n + 1], 1.0, word) for n, word in enumerate(words))
    return paths


def _score(segments: Iterable[tuple[str, int, float]]) -> float:
    """Return the acoustic score per frame of speech, with what silence could not explain counted against it.

    The decoder's scores are relative to the best sound for each frame, so this tells how much better some other
    words would have fitted.
    """
    speech_frames, total = 0, 0.0
    for word, frames, likelihood in segments:
        score = math.log(likelihood) / _LOG_BASE if likelihood > 0 else -math.inf
        if word.startswith(("<", "[", "(")):
            total += min(0.0, score - _ORDINARY_SILENCE * frames)
        else:
            total += score
            speech_frames += frames
    return total / max(1, speech_frames)
