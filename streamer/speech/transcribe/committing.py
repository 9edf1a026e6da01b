"""When a recogniser's words are the caller's turn: a stream of growing results, and the question what was said.

Sans-IO. Times of words are milliseconds of the stream's audio; `now_ms` is the clock on the wall.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from streamer.speech.ports import RecognisedWord, Recognition
from streamer.speech.transcribe.results import ItemKind, TranscribeItem, TranscribeResult

# A text covers the voice when its last word ends so close to where the voice ended.
_COVERS_MS = 200
# Words that the service may still change are taken when they have not changed for so long.
_UNCHANGED_MS = 150
NEXT_WORD_MS = 100
"""Words that will not change may get another one: an "is" or an "a", too soft for the voice detector, is told so long
after the word before it, and asks for more."""

# No text yet is not "no words": so late after the voice's end the service may tell its first ones.
_NO_WORDS_MS = 1200
PAUSE_MS = 200
"""The end of a voice is known so long after it."""
# The service's own final of what was said comes within seconds of it.
_MOST_ANSWERS_KEPT = 8


@dataclass(slots=True)
class _Question:
    voice_end_ms: int
    asked_ms: int

    def is_about(self, word: TranscribeItem) -> bool:
        return word.start_ms < self.voice_end_ms + _COVERS_MS


@dataclass(slots=True)
class _Answer:
    """What a question was answered with: words from `after_ms` on, each with the result that told it."""

    result_id: str
    question: _Question
    after_ms: int
    words: list[tuple[str, TranscribeItem]]

    @property
    def text(self) -> str:
        return _joined(word for _, word in self.words)

    def correct(self, final: TranscribeResult, *, before_ms: float) -> bool:
        """Put the service's final word in the place of what it had told of the same result; say whether that differs.

        Words from `before_ms` on are another answer's.
        """
        before = self.text
        if all(teller != final.result_id for teller, _ in self.words):
            return False
        until_ms = min(before_ms, max(self.words[-1][1].end_ms, self.question.voice_end_ms))
        words = [
            (final.result_id, word)
            for word in _words(final)
            if self.after_ms < _middle_ms(word) and word.start_ms < until_ms
        ]
        if words:
            others = [told for told in self.words if told[0] != final.result_id]
            self.words = sorted(others + words, key=lambda told: told[1].start_ms)
        return self.text.casefold() != before.casefold()


class Committing:
    """Gathers what was told of one call, and gives each word to one final only; `taken_ms` is where the last one ended."""

    def __init__(self) -> None:
        self._results: dict[str, TranscribeResult] = {}
        self.taken_ms = -1
        self._text = ""
        self._shown: list[tuple[str, bool]] = []
        self._changed_ms = 0
        self._questions: list[_Question] = []
        self._answers: deque[_Answer] = deque(maxlen=_MOST_ANSWERS_KEPT)
        self._count = 1

    def take(self, result: TranscribeResult, now_ms: int) -> list[Recognition]:
        """Learn what the service makes of a part of the audio by now; return the finals that this corrects."""
        corrected = [] if result.is_partial else list(self._corrected(result))
        self._results[result.result_id] = result
        text = _joined(word for _, word in self._untaken())
        if text != self._text:
            self._text, self._changed_ms = text, now_ms
        return corrected

    def ask(self, voice_end_ms: int, now_ms: int) -> None:
        """Want to know what was said up to here, where the voice has ended."""
        self._questions.append(_Question(voice_end_ms, now_ms))

    @property
    def told_ms(self) -> int:
        """Where the last word ends that was told."""
        return max((word.end_ms for _, word in self._untaken()), default=self.taken_ms)

    @property
    def is_asked(self) -> bool:
        """Say whether a question is open."""
        return bool(self._questions)

    def partial(self) -> Recognition | None:
        """Return the words that no final has taken, if they are others than before, or more of them are stable."""
        words = [word for _, word in self._untaken()]
        shown = [(word.content, word.is_stable) for word in words]
        if not words or shown == self._shown:
            return None
        self._shown = shown
        return self._recognition(words, is_final=False)

    @property
    def is_covered(self) -> bool:
        """Say whether the words that are told cover the voice that the first question is about."""
        return self.told_ms >= max(0, self._questions[0].voice_end_ms - _COVERS_MS)

    def due_ms(self, now_ms: int) -> int:
        """Return when the first question may be answered although nothing more is told."""
        question, told = self._questions[0], self._untaken()
        latest_ms = question.asked_ms - PAUSE_MS + _NO_WORDS_MS
        if not told or not self.is_covered:
            return latest_ms
        if not any(self._results[name].is_partial for name, _ in told):
            return now_ms
        if all(word.is_stable for _, word in told):
            return min(latest_ms, self._changed_ms + NEXT_WORD_MS)
        return min(latest_ms, max(self._changed_ms, question.asked_ms) + _UNCHANGED_MS)

    def answer(self) -> Recognition:
        """Return the final of the first question: all the words that it is about, as far as they are told."""
        question = self._questions.pop(0)
        told = [told for told in self._untaken() if question.is_about(told[1])]
        final = self._recognition([word for _, word in told], is_final=True)
        self._answers.append(_Answer(final.result_id, question, self.taken_ms, told))
        self._count += 1
        self._take_words(self._answers[-1])
        return final

    def _corrected(self, final: TranscribeResult) -> Iterator[Recognition]:
        before_ms = inf
        for answer in reversed(self._answers):
            if answer.correct(final, before_ms=before_ms):
                self._take_words(answer)
                words = tuple(_recognised(word) for _, word in answer.words)
                yield Recognition(text=answer.text, is_final=True, result_id=answer.result_id, words=words)
            if answer.words:
                before_ms = answer.words[0][1].start_ms

    def _take_words(self, answer: _Answer) -> None:
        """Have no other final take these words; keep nothing of what is final and taken: calls are long."""
        if answer.words:
            self.taken_ms = max(self.taken_ms, answer.words[-1][1].end_ms)
        self._results = {
            name: result
            for name, result in self._results.items()
            if result.is_partial or result.end_ms > self.taken_ms
        }
        self._text = _joined(word for _, word in self._untaken())

    def _untaken(self) -> list[tuple[str, TranscribeItem]]:
        # By their middle: a service moves the bounds of a word by some milliseconds when it tells it again.
        return [
            (result.result_id, word)
            for result in self._results.values()
            for word in _words(result)
            if _middle_ms(word) > self.taken_ms
        ]

    def _recognition(self, words: list[TranscribeItem], *, is_final: bool) -> Recognition:
        return Recognition(
            text=_joined(words),
            is_final=is_final,
            result_id=str(self._count),
            words=tuple(map(_recognised, words)),
        )


def _words(result: TranscribeResult) -> Iterator[TranscribeItem]:
    return (item for item in result.items if item.kind is ItemKind.WORD)


def _middle_ms(word: TranscribeItem) -> int:
    return (word.start_ms + word.end_ms) // 2


def _recognised(word: TranscribeItem) -> RecognisedWord:
    return RecognisedWord(
        text=word.content, start_ms=word.start_ms, end_ms=word.end_ms, is_stable=word.is_stable
    )


def _joined(words: Iterable[TranscribeItem]) -> str:
    return " ".join(word.content for word in words)
