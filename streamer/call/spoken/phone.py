"""Telephone numbers, kept in E.164."""

from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from streamer.call.spoken.digits import dictated, digit_runs, grouped
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon, contains
from streamer.call.spoken.mending import mended_digits
from streamer.call.spoken.prompts import prompts_in

# E.164 has 15 digits at most, and a prefix for other countries before them.
_MOST_DIGITS = 20


class Phone(Kind):
    """A telephone number of the node's region, or of any with a plus or the region's prefix for other countries."""

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        words = lexicon.words
        until = next((at for at, token in enumerate(tokens) if token in words.extension), len(tokens))
        digits = dictated(tokens[:until], lexicon)
        if not 0 < len(digits) <= _MOST_DIGITS:
            return None
        first = digit_runs(tokens[:until], lexicon)[0].start
        pluses = ["+", *(word for word, mark in words.marks.items() if mark == "+")]
        is_foreign = contains(tokens[max(0, first - 1) : first], pluses)
        return self._reading(f"+{digits}" if is_foreign else digits, lexicon)

    def _reading(self, written: str, lexicon: Lexicon) -> Reading:
        number, verdict = self._parsed(written)
        if number is None or verdict != ValidationResult.IS_POSSIBLE:
            is_unfit = verdict not in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY)
            spoken = ", ".join(" ".join(group) for group in grouped(written))
            return Reading(written=written, spoken=spoken, is_begun=not is_unfit, is_unfit=is_unfit)
        _, longer = self._parsed(f"{written}0")
        is_whole = longer == ValidationResult.TOO_LONG and phonenumbers.is_valid_number(number)
        return Reading(
            written=written,
            value=phonenumbers.format_number(number, PhoneNumberFormat.E164),
            spoken=self._spoken(number, lexicon),
            is_whole=is_whole,
            is_begun=not is_whole and longer == ValidationResult.IS_POSSIBLE,
        )

    def _parsed(self, written: str) -> tuple[PhoneNumber | None, int]:
        try:
            number = phonenumbers.parse(written, self.setting.region)
        except NumberParseException as error:
            too_long = error.error_type == NumberParseException.TOO_LONG
            return None, ValidationResult.TOO_LONG if too_long else ValidationResult.TOO_SHORT
        return number, phonenumbers.is_possible_number_with_reason(number)

    def _spoken(self, number: PhoneNumber, lexicon: Lexicon) -> str:
        """Write the number in its country's groups, each digit apart."""
        is_home = number.country_code == phonenumbers.country_code_for_region(self.setting.region)
        form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
        plain = phonenumbers.format_number(number, form)
        groups = "".join(char if char.isdecimal() else " " for char in plain).split()
        spoken = ", ".join(
            " ".join(part) for group in groups for part in (grouped(group) if len(group) > 4 else [group])
        )
        return f"{prompts_in(lexicon.language).marks['+']} {spoken}" if plain.startswith("+") else spoken

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        digits = mended_digits(before.written.lstrip("+"), tokens, lexicon)
        return digits and ("+" if before.written.startswith("+") else "") + digits

    def expected(self, lexicon: Lexicon) -> Sequence[str]:
        return [
            *lexicon.digits,
            *(f"{word} {digit}" for word in lexicon.words.multiples for digit in lexicon.digits),
        ]
