"""Results as the service writes them: partials that grow and become stable, then the final."""

import json
import uuid
from collections.abc import Iterator, Sequence

from local.aws.speech.transcribe_request import TranscriptionRequest
from local.aws.speech.words import Pace, Utterance, Word
from offhook.json_types import JsonObject, JsonValue
from streamer.call.spoken.words import numbered

_DIGITS = numbered(
    "zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, "
    "seventeen, eighteen, nineteen"
) | numbered("twenty, thirty, forty, fifty", first=20, step=10)
_HOURS, _MINUTES = range(1, 13), range(10, 60)


class Transcript:
    """What one stream has said so far, on the stream's clock."""

    def __init__(self, request: TranscriptionRequest, pace: Pace) -> None:
        self._request = request
        self._pace = pace
        self._open: list[_Told] = []

    def begin(self, utterance: Utterance) -> None:
        """Tell this utterance's words as their times come."""
        words = utterance.words if self._request.is_spoken else written(utterance.words)
        if words:
            self._open.append(_Told(words, utterance.pace or self._pace))

    def at(self, clock_ms: int) -> Iterator[bytes]:
        """Yield the transcript events that are due."""
        for told in list(self._open):
            if told.advance(clock_ms):
                yield self._event(told)
            if told.is_final:
                self._open.remove(told)

    def finish(self) -> Iterator[bytes]:
        """Yield a final for all that is open: the audio is over."""
        for told in self._open:
            told.end()
            yield self._event(told)
        self._open.clear()

    def _event(self, told: "_Told") -> bytes:
        return json.dumps({"Transcript": {"Results": [self._result(told)]}}, ensure_ascii=False).encode()

    def _result(self, told: "_Told") -> JsonObject:
        words = told.words[: told.count]
        items: list[JsonValue] = [
            self._item(word, is_stable=n < told.stable and not word.at_first, is_final=told.is_final)
            for n, word in enumerate(words)
        ]
        text = " ".join(word.told(is_final=told.is_final) for word in words)
        if told.is_final and not self._request.is_spoken:
            text += "."
            items.append(self._full_stop(words[-1]))
        result: JsonObject = {
            "Alternatives": [{"Items": items, "Transcript": text}],
            "ChannelId": "ch_0",
            "EndTime": words[-1].end_ms / 1000,
            "IsPartial": not told.is_final,
            "ResultId": told.result_id,
            "StartTime": words[0].start_ms / 1000,
        }
        return result | self._languages()

    def _languages(self) -> JsonObject:
        if not self._request.identifies_language:
            return {}
        first, *others = self._request.languages
        share = 0.1 / len(others)
        scores: list[JsonValue] = [{"LanguageCode": code, "Score": share} for code in others]
        return {
            "LanguageCode": first,
            "LanguageIdentification": [{"LanguageCode": first, "Score": 0.9}, *scores],
        }

    def _item(self, word: Word, *, is_stable: bool, is_final: bool) -> JsonObject:
        item: JsonObject = {
            "Confidence": 0.99,
            "Content": word.told(is_final=is_final),
            "EndTime": word.end_ms / 1000,
            "StartTime": word.start_ms / 1000,
            "Type": "pronunciation",
            "VocabularyFilterMatch": False,
        }
        return item | ({"Stable": is_stable or is_final} if self._request.is_stabilized else {})

    def _full_stop(self, last: Word) -> JsonObject:
        stop = self._item(
            Word(text=".", start_ms=last.end_ms, end_ms=last.end_ms), is_stable=True, is_final=True
        )
        del stop["Confidence"]
        return stop | {"Type": "punctuation"}


class _Told:
    """One utterance on its way: how many words are told, how many of them are stable."""

    def __init__(self, words: Sequence[Word], pace: Pace) -> None:
        self.words = words
        self.result_id = str(uuid.uuid4())
        self.count = 0
        self.stable = 0
        self.is_final = False
        self._pace = pace

    def advance(self, clock_ms: int) -> bool:
        """Say whether something changed that is to be told."""
        before = (self.count, self.stable)
        told_by = clock_ms - self._pace.told_ms
        self.count = sum(word.end_ms <= told_by for word in self.words)
        self.stable = sum(word.end_ms <= told_by - self._pace.stable_ms for word in self.words)
        self.is_final = clock_ms >= self.words[-1].end_ms + max(self._pace.told_ms, self._pace.final_ms)
        return self.count > 0 and (self.is_final or before != (self.count, self.stable))

    def end(self) -> None:
        self.count = self.stable = len(self.words)
        self.is_final = True


def written(words: Sequence[Word]) -> tuple[Word, ...]:
    """Write words as Transcribe does unless it is told otherwise: numbers in digits, and a capital at the beginning."""
    out: list[Word] = []
    for word in words:
        number = _DIGITS.get(word.text.lower())
        hour = out[-1].text if out else ""
        if number in _MINUTES and hour.isdecimal() and int(hour) in _HOURS:
            out[-1] = Word(text=f"{hour}:{number}", start_ms=out[-1].start_ms, end_ms=word.end_ms)
        else:
            out.append(word.model_copy(update={"text": word.text if number is None else str(number)}))
    if out:
        out[0] = out[0].model_copy(update={"text": out[0].text[:1].upper() + out[0].text[1:]})
    return tuple(out)
