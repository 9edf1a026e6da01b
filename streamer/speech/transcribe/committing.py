"""When a recogniser's words are the caller's turn: a stream of growing results, and the question what was said.

Sans-IO. Times of words are milliseconds of the stream's audio; `now_ms` is the clock on the wall.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from streamer.speech.transcribe.results import ItemKind, TranscribeItem, TranscribeResult

# A text covers the voice when its last word ends so close to where the voice ended.
_COVERS_MS = 200
# Words that the service may still change are taken when they have not changed for so long.
_UNCHANGED_MS = 150
# No text yet is not "no words": the service tells its first ones so late.
_NO_WORDS_MS = 1200


@dataclass(slots=True)
class _Question:
    voice_end_ms: int
    asked_ms: int


class Committing:
    """Gathers what was told of one call, and gives each word to one final only; `taken_ms` is where the last one ended."""

    def __init__(self) -> None:
        self._results: dict[str, TranscribeResult] = {}
        self.taken_ms = -1
        self._text = ""
        self._changed_ms = 0
        self._questions: list[_Question] = []

    def take(self, result: TranscribeResult, now_ms: int) -> None:
        """Learn what the service makes of a part of the audio by now."""
        self._results[result.result_id] = result
        text = self._joined(self._untaken())
        if text != self._text:
            self._text, self._changed_ms = text, now_ms

    def ask(self, voice_end_ms: int, now_ms: int) -> None:
        """Want to know what was said up to here, where the voice has ended."""
        self._questions.append(_Question(voice_end_ms, now_ms))

    def restart(self, now_ms: int) -> None:
        """Forget what has no final yet: another stream hears it again, and needs its time."""
        self._results = {}
        self._text = ""
        for question in self._questions:
            question.asked_ms = now_ms

    @property
    def is_asked(self) -> bool:
        """Say whether a question is open."""
        return bool(self._questions)

    def due_ms(self, now_ms: int) -> int:
        """Return when the first question may be answered although nothing more is told."""
        question, words = self._questions[0], self._untaken()
        latest_ms = question.asked_ms + _NO_WORDS_MS
        if words and words[-1].end_ms >= question.voice_end_ms - _COVERS_MS:
            is_stable = all(word.is_stable for word in words)
            return (
                now_ms
                if is_stable
                else min(latest_ms, max(self._changed_ms, question.asked_ms) + _UNCHANGED_MS)
            )
        return latest_ms

    def answers(self, now_ms: int) -> Iterator[str]:
        """Yield the finals of the questions that can be answered now, in order."""
        while self._questions and now_ms >= self.due_ms(now_ms):
            question = self._questions.pop(0)
            words = [word for word in self._untaken() if word.start_ms < question.voice_end_ms + _COVERS_MS]
            if words:
                self.taken_ms = words[-1].end_ms
            yield self._joined(words)
            self._forget()
            self._text = self._joined(self._untaken())

    def _untaken(self) -> list[TranscribeItem]:
        # By their middle: a service moves the bounds of a word by some milliseconds when it tells it again.
        return [
            item
            for result in self._results.values()
            for item in result.items
            if item.kind is ItemKind.WORD and (item.start_ms + item.end_ms) // 2 > self.taken_ms
        ]

    def _forget(self) -> None:
        """Keep nothing of what is final and taken: calls are long."""
        self._results = {
            name: result
            for name, result in self._results.items()
            if result.is_partial or result.end_ms > self.taken_ms
        }

    @staticmethod
    def _joined(words: list[TranscribeItem]) -> str:
        return " ".join(word.content for word in words)
