"""The dialogue that captures one value: heard, said back, confirmed or corrected. Each step is a value, and knows no time."""

from dataclasses import dataclass, replace

from offhook.json_types import JsonObject
from offhook.workflows import Capture
from streamer.call.spoken.answers import (
    Answer,
    answer_of,
    declines,
    is_bare,
    parted_at_correction,
    waits,
    without_no,
    yes_and_no,
)
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.kinds import kind_of
from streamer.call.spoken.prompts import Prompt, prompts_in
from streamer.call.spoken.tokens import MOST_CHARACTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """How far a capture is: what was heard of the value, whether it was said back, and how often it failed.

    `refused` is the value that the caller has said no to: they may still say what is wrong with it.
    """

    heard: str = ""
    refused: str = ""
    is_read_back: bool = False
    misses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What follows from an utterance or from keys: something is said, or the value is there, or it is given up."""

    draft: Draft
    prompt: Prompt | None = None
    gathered: JsonObject | None = None
    is_over: bool = False


class Dialogue:
    """One node's capture. It changes nothing by itself: each step holds the draft that the next one begins with."""

    def __init__(self, capture: Capture, *, languages: tuple[str, ...], today: str) -> None:
        self.capture = capture
        self.kind: Kind = kind_of(capture, languages, today)
        self._lexica = self.kind.setting.lexica
        self._prompts = prompts_in(self._lexica[0].language)

    def hear(self, draft: Draft, text: str) -> Step | None:
        """Return what follows from the caller's words; None for words that are none of this."""
        return self._confirm(draft, text) if draft.is_read_back else self._listen(draft, text)

    def miss(self, draft: Draft) -> Step:
        """Return what follows when nothing was understood."""
        return self._missed(draft, Prompt.YES_OR_NO if draft.is_read_back else Prompt.UNCLEAR)

    def key_in(self, draft: Draft, keys: str) -> Step:
        """Return what follows from all keys that were pressed; none of them confirms what was said back."""
        reading = self.reading(draft)
        if not keys and draft.is_read_back and reading is not None:
            return self._captured(draft, reading)
        keyed = self.kind.keyed(keys)
        return self._take(
            replace(draft, heard="", is_read_back=False), self.kind.read(keyed) if keyed else None, keyed
        ) or self.miss(draft)

    def has_begun(self, draft: Draft, text: str) -> bool:
        """Say whether more of the value is surely to come after these words."""
        return (
            not draft.is_read_back
            and (reading := self._joined(draft, text)[0]) is not None
            and reading.is_begun
        )

    def is_complete(self, draft: Draft, text: str) -> bool:
        """Say whether these words are all that is to come."""
        if draft.is_read_back:
            return is_bare(text, self._lexica) and answer_of(text, self._lexica) is Answer.YES
        reading = self._joined(draft, text)[0]
        return reading is not None and reading.is_whole

    def answers(self, draft: Draft, text: str) -> bool:
        """Say whether these words answer a value that was said back."""
        return draft.is_read_back and answer_of(text, self._lexica) is not Answer.UNSURE

    def expected(self, draft: Draft) -> tuple[str, ...]:
        """Return what the caller may say, for a recogniser that hears nothing else."""
        wordings = [wording for lexicon in self._lexica for wording in self.kind.expected(lexicon)]
        return (*(yes_and_no(self._lexica) if draft.is_read_back else ()), *wordings)

    def template(self, prompt: Prompt) -> str:
        """Return what is said at this moment, a template in which VALUE stands for the value."""
        return getattr(self.capture.sentences, prompt) or self._prompts.sentences[prompt]

    def reading(self, draft: Draft) -> Reading | None:
        """Return what was understood so far."""
        return self._read(draft.heard) if draft.heard else None

    def spoken(self, draft: Draft) -> str:
        """Return what was understood so far, for the ear."""
        reading = self.reading(draft)
        return "" if reading is None else reading.spoken

    def question(self, draft: Draft) -> Prompt | None:
        """Return what is asked at the moment, if that is more than the node's own question."""
        if draft.is_read_back:
            return Prompt.READ_BACK
        return Prompt.SO_FAR if draft.heard else None

    def _listen(self, draft: Draft, text: str) -> Step | None:
        if waits(text, self._lexica):
            return Step(draft=draft, prompt=Prompt.WAIT)
        if not draft.heard and declines(text, self._lexica):
            return Step(draft=draft, is_over=True)
        if is_bare(text, self._lexica) and answer_of(text, self._lexica) is Answer.NO:
            return Step(draft=Draft(misses=draft.misses), prompt=Prompt.AGAIN)
        refused = self._read(draft.refused) if draft.refused and not draft.heard else None
        mended = self._mended(refused, text) if refused is not None else None
        if mended is not None:
            return self._take(draft, mended, mended.written)
        reading, heard = self._joined(draft, without_no(text, self._lexica) or text)
        step = self._take(draft, reading, heard)
        if step is None and is_bare(text, self._lexica) and text:
            # "Yes, sure" answers "may I have your number?", and the number follows.
            return Step(draft=draft, prompt=Prompt.GO_ON)
        return step

    def _confirm(self, draft: Draft, text: str) -> Step | None:
        before, answer = self.reading(draft), answer_of(text, self._lexica)
        if before is None:
            return self._listen(Draft(misses=draft.misses), text)
        if is_bare(text, self._lexica) and answer is not Answer.UNSURE:
            return self._captured(draft, before) if answer is Answer.YES else self._refuse(draft)
        if waits(text, self._lexica):
            return Step(draft=draft, prompt=Prompt.WAIT)
        gone_on = self._gone_on(draft, before, text) if answer is Answer.UNSURE else None
        if gone_on is not None:
            return gone_on
        mended = self._mended(before, text)
        if mended is not None and mended.written != before.written:
            return self._take(draft, mended, mended.written)
        if answer is Answer.YES:
            return self._captured(draft, before)
        begun = self._read(without_no(text, self._lexica))
        if begun is not None and begun.is_begun and before.written.startswith(begun.written):
            # The caller says all of it again, and has begun.
            return Step(draft=Draft(heard=begun.written, misses=draft.misses), prompt=Prompt.GO_ON)
        return self._refuse(draft) if answer is Answer.NO else None

    def _refuse(self, draft: Draft) -> Step:
        return self._missed(Draft(refused=draft.heard, misses=draft.misses), Prompt.AGAIN)

    def _gone_on(self, draft: Draft, before: Reading, text: str) -> Step | None:
        """Take what belongs to a value that was said back too early."""
        reading, heard = self._joined(draft, text)
        if not before.is_begun or _whole(reading) is None or heard == text:
            return None
        return self._take(draft, reading, heard)

    def _mended(self, before: Reading, text: str) -> Reading | None:
        """Return the value that the caller says in place of the one before, or what they mend of it."""
        said = without_no(text, self._lexica)
        mended = self.kind.corrected(before, said)
        return mended if mended is not None else _whole(self._read(said))

    def _joined(self, draft: Draft, text: str) -> tuple[Reading | None, str]:
        """Read what was said together with what was heard before, or by itself where that makes more of it."""
        alone, before = self._read(text), self.reading(draft)
        if before is None:
            return alone, text
        heard = f"{draft.heard}, {text}"[-MOST_CHARACTERS:]
        joined = self._read(heard)
        starts_anew = alone is not None and alone.written.startswith(before.written)
        if alone is not None and (
            starts_anew or (alone.value is not None and (joined is None or joined.value is None))
        ):
            return alone, text
        return joined, heard

    def _take(self, draft: Draft, reading: Reading | None, heard: str) -> Step | None:
        if reading is None:
            return None
        if reading.is_unfit:
            return self._missed(Draft(misses=draft.misses), Prompt.UNFIT)
        if reading.value is None:
            return Step(draft=replace(draft, heard=heard), prompt=Prompt.GO_ON)
        kept = reading.written if self.kind.is_relative else heard
        taken = replace(draft, heard=kept, is_read_back=True)
        return (
            Step(draft=taken, prompt=Prompt.READ_BACK)
            if self.capture.confirm
            else self._captured(taken, reading)
        )

    def _read(self, text: str) -> Reading | None:
        """Read a text in which the caller may have corrected themselves: "May third, no, the fourth"."""
        before, after = parted_at_correction(text, self._lexica)
        meant = _whole(self.kind.read(before)) if after else None
        if meant is not None:
            mended = self.kind.corrected(meant, after) or _whole(self.kind.read(after))
            if mended is not None:
                return mended
        return self.kind.read(text)

    def _captured(self, draft: Draft, reading: Reading) -> Step:
        name = self.capture.variable
        parts: JsonObject = {f"{name}_parts": reading.parts} if reading.parts else {}
        return Step(draft=draft, gathered={name: reading.value} | parts)

    def _missed(self, draft: Draft, prompt: Prompt) -> Step:
        missed = replace(draft, misses=draft.misses + 1)
        return Step(draft=missed, prompt=prompt, is_over=missed.misses >= self.capture.attempts)


def _whole(reading: Reading | None) -> Reading | None:
    """Return a reading that has a value."""
    return reading if reading is not None and reading.value is not None else None
