"""Numbers, kept as JSON's."""

from collections.abc import Sequence

from streamer.call.spoken.cardinals import number_in
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon
from streamer.call.spoken.mending import mended_digits


class Number(Kind):
    """A number between the node's `minimum` and `maximum`."""

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        number = number_in(text, tokens, lexicon)
        if number is None:
            return None
        number = int(number) if number == int(number) else number
        written = str(number).replace(".", lexicon.words.decimal_mark)
        if not self._fits(number):
            return Reading(written=written, spoken=written, is_unfit=True)
        ends_open = tokens[-1] in lexicon.words.scales or tokens[-1] in lexicon.words.points
        return Reading(written=written, value=number, spoken=written, is_begun=ends_open)

    def _fits(self, number: float) -> bool:
        capture = self.setting.capture
        low, high = capture.minimum, capture.maximum
        is_kind = isinstance(number, int) or not capture.whole
        return is_kind and (low is None or number >= low) and (high is None or number <= high)

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        return (
            mended_digits(before.written, tokens, lexicon, guesses=False)
            if before.written.isdecimal()
            else None
        )

    def expected(self, lexicon: Lexicon) -> Sequence[str]:
        return [
            " ".join(words)
            for words, value in lexicon.small.items()
            if self._fits(value) and "o" not in words
        ]
