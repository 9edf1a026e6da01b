"""Dates, kept as ISO 8601: relative days, weekdays, days of a month, and dates in digits."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from streamer.call.spoken.cardinals import number_in
from streamer.call.spoken.digits import digit_runs
from streamer.call.spoken.english import ending
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon, contains
from streamer.call.spoken.prompts import prompts_in
from streamer.call.spoken.tokens import find, has_any

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DIGITS = re.compile(r"\b(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}|\d{2}))?\b")
# Where the month is written first: the United States, and few who follow them.
_MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW"})
_FURTHEST_YEARS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What was said of a date."""

    day: int | None = None
    weekday: int | None = None
    month: int | None = None
    year: int | None = None


class Date(Kind):
    """A day; without a year the next such day, or the last where the node asks for one in the past."""

    is_relative = True

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        found = self._written(text) or self._relative(lexicon, tokens) or self._named(lexicon, tokens)
        if isinstance(found, date):
            return self._reading(found, lexicon, is_whole=True)
        if found is None:
            return None
        if found.day is None:
            month = prompts_in(lexicon.language).months[found.month - 1] if found.month else ""
            return Reading(written=month, spoken=month, is_begun=True) if month else None
        day = self._completed(found)
        if day is None:
            return Reading(written="", is_unfit=True)
        return self._reading(day, lexicon, is_whole=found.year is not None)

    @property
    def _today(self) -> date:
        return date.fromisoformat(self.setting.today)

    def _reading(self, day: date, lexicon: Lexicon, *, is_whole: bool) -> Reading:
        spoken, written = self._spoken(day, lexicon), day.isoformat()
        capture = self.setting.capture
        is_unfit = (
            (capture.not_before and day < date.fromisoformat(capture.not_before))
            or (capture.not_after and day > date.fromisoformat(capture.not_after))
            or (capture.period == "future" and day < self._today)
            or (capture.period == "past" and day > self._today)
        )
        if is_unfit:
            return Reading(written=written, spoken=spoken, is_unfit=True)
        return Reading(written=written, value=written, spoken=spoken, is_whole=is_whole)

    def _written(self, text: str) -> "date | _Said | None":
        iso = _ISO.search(text)
        if iso is not None:
            return _day(*(int(part) for part in iso.groups()))
        found = _DIGITS.search(text)
        if found is None:
            return None
        first, second = int(found[1]), int(found[2])
        is_month_first = self.setting.region in _MONTH_FIRST and "." not in found[0]
        month, day = (first, second) if is_month_first else (second, first)
        if month > 12:
            month, day = day, month
        return _Said(day=day, month=month, year=self._year(found[3])) if month <= 12 else None

    def _year(self, digits: str | None) -> int | None:
        """Return a year of four digits, or of two: the nearest one that the node can mean."""
        if digits is None or len(digits) == 4:
            return int(digits) if digits else None
        year = self._today.year // 100 * 100 + int(digits)
        latest = self._today.year + (0 if self.setting.capture.period == "past" else 20)
        return year - 100 if year > latest else year

    def _relative(self, lexicon: Lexicon, tokens: list[str]) -> date | None:
        """Read a day by its distance from today, or a weekday."""
        words = lexicon.words
        if contains(tokens, words.months) or has_any(tokens, words.ordinals):
            return None
        for wording in sorted(words.days, key=len, reverse=True):
            if has_any(tokens, [wording]):
                return self._today + timedelta(
                    days=words.days[wording] + self._weeks_on(lexicon, tokens, wording)
                )
        return self._in_units(lexicon, tokens) or self._weekday(lexicon, tokens)

    @staticmethod
    def _weeks_on(lexicon: Lexicon, tokens: list[str], wording: str) -> int:
        """Return 7 for "a week from tomorrow"."""
        at = find(tokens, wording)
        return (
            7
            if any(find(tokens[:at], week) >= 0 for week in lexicon.words.week_on if week.startswith("a "))
            else 0
        )

    def _in_units(self, lexicon: Lexicon, tokens: list[str]) -> date | None:
        """Read "in three days", "in a week"."""
        words = lexicon.words
        at = next((place for place, token in enumerate(tokens) if token in words.units and place), None)
        if at is None or not contains(tokens[:at], words.in_):
            return None
        number = 1 if tokens[at - 1] in words.one_ else _number(tokens, at, lexicon)
        return None if not number else self._today + timedelta(days=number * words.units[tokens[at]])

    def _weekday(self, lexicon: Lexicon, tokens: list[str]) -> date | None:
        words = lexicon.words
        named = next((words.weekdays[token] for token in tokens if token in words.weekdays), None)
        if named is None or any(token.isdecimal() for token in tokens):
            return None
        ahead = (named - self._today.weekday()) % 7 or 7
        if contains(tokens, words.last_) or (
            self.setting.capture.period == "past" and not contains(tokens, words.next_)
        ):
            return self._today + timedelta(days=ahead - 7 if ahead < 7 else -7)
        if has_any(tokens, words.week_on) or contains(tokens, words.next_):
            # The one of next week, as the calendar has it: the read-back tells the day of the month.
            monday = self._today + timedelta(days=7 - self._today.weekday())
            return monday + timedelta(days=named)
        return self._today + timedelta(days=ahead)

    def _named(self, lexicon: Lexicon, tokens: list[str]) -> _Said | None:
        """Read "the third of May", "May 3rd 2027", "the fifteenth"."""
        words = lexicon.words
        month_at = next((at for at, token in enumerate(tokens) if token in words.months), None)
        day_at, length, day = _day_in(tokens, lexicon, near=month_at)
        if day is None and month_at is None:
            return None
        rest = tokens[max(month_at if month_at is not None else -1, day_at + length - 1 if day else -1) + 1 :]
        month = words.months[tokens[month_at]] if month_at is not None else None
        weekday = next((words.weekdays[token] for token in tokens if token in words.weekdays), None)
        return _Said(day=day, weekday=weekday, month=month, year=self._said_year(rest, lexicon))

    def _said_year(self, tokens: list[str], lexicon: Lexicon) -> int | None:
        runs = [run.digits for run in digit_runs(tokens, lexicon)]
        if len(runs) == 1 and len(runs[0]) in (2, 4):
            return self._year(runs[0])
        number = number_in(" ".join(tokens), tokens, lexicon)
        return int(number) if number is not None and 1800 <= number <= 2200 else None

    def _completed(self, said: _Said) -> date | None:
        """Return the day that was meant; None for one that there is not."""
        today, is_past = self._today, self.setting.capture.period == "past"
        if said.day is None:
            return None
        if said.year is not None and said.month is not None:
            is_near = abs(said.year - today.year) <= _FURTHEST_YEARS
            return _day(said.year, said.month, said.day) if is_near else None
        step = -1 if is_past else 1
        for months in range(97):
            # A 29th of February is eight years away at most.
            year, month = divmod(today.year * 12 + today.month - 1 + step * months, 12)
            day = _day(year, month + 1, said.day)
            if (
                day is None
                or (day > today if is_past else day < today)
                or said.month not in (None, month + 1)
            ):
                continue
            is_named = said.weekday is None or said.month is not None or months > 12
            if is_named or day.weekday() == said.weekday:
                return day
        return None

    def _spoken(self, day: date, lexicon: Lexicon) -> str:
        prompts = prompts_in(lexicon.language)
        weekday, month = prompts.weekdays[day.weekday()], prompts.months[day.month - 1]
        match lexicon.language:
            case "de":
                return f"{weekday}, {day.day}. {month} {day.year}"
            case "es":
                return f"el {weekday} {day.day} de {month} de {day.year}"
            case "fr":
                return f"le {weekday} {'1er' if day.day == 1 else day.day} {month} {day.year}"
        return f"{weekday}, {month} {day.day}{ending(day.day)}, {day.year}"

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        """Put a day, a month or a year that was said alone in the place of the one before."""
        day = date.fromisoformat(before.written)
        words = lexicon.words
        month = next((words.months[token] for token in tokens if token in words.months), None)
        _, _, said = _day_in(tokens, lexicon, near=None)
        year = self._said_year(
            [token for token in tokens if token not in words.fillers and token not in words.no], lexicon
        )
        if year is not None and year >= 1800 and month is None:
            return _iso(year, day.month, day.day)
        if month is not None and said is None:
            return _iso(day.year, month, day.day)
        return _iso(day.year, day.month, said) if said is not None and month is None else None

    def keyed(self, keys: str) -> str:
        """Read day and month in the region's order, with a year of four digits or none."""
        if len(keys) not in (4, 8):
            return ""
        return f"{keys[:2]}/{keys[2:4]}" + (f"/{keys[4:]}" if len(keys) == 8 else "")

    def expected(self, lexicon: Lexicon) -> Sequence[str]:
        words = lexicon.words
        return [*words.days, *words.weekdays, *_with_next(lexicon), *_days_of_months(lexicon)]


def _with_next(lexicon: Lexicon) -> Iterator[str]:
    for weekday in lexicon.words.weekdays:
        yield from (f"{word} {weekday}" for word in (*lexicon.words.next_, *lexicon.words.this_))


def _days_of_months(lexicon: Lexicon) -> Iterator[str]:
    """Yield "may third": each more way of saying it would cost the recogniser as much again."""
    if lexicon.language == "en":
        # The first wording of each month is its whole name.
        months = {number: month for month, number in [*lexicon.words.months.items()][::-1]}
        yield from (f"{month} {ordinal}" for month in months.values() for ordinal in lexicon.words.ordinals)


def _number(tokens: list[str], before: int, lexicon: Lexicon) -> int:
    runs = [run for run in digit_runs(tokens[:before], lexicon) if run.end == before]
    return int(runs[0].digits) if runs and len(runs[0].digits) <= 3 else 0


def _day_in(tokens: list[str], lexicon: Lexicon, *, near: int | None) -> tuple[int, int, int | None]:
    """Return where a day of the month stands, over how many tokens, and which; the one beside the month first."""
    found: list[tuple[bool, int, int, int, int]] = []
    at = 0
    while at < len(tokens):
        length, value = lexicon.longest(lexicon.ordinals, tokens, at)
        is_counting = not length
        if is_counting and (near is not None or (at + 1 < len(tokens) and tokens[at + 1] == ".")):
            is_digits = tokens[at].isdecimal() and len(tokens[at]) <= 2
            length, value = (1, int(tokens[at])) if is_digits else lexicon.longest(lexicon.small, tokens, at)
        if length and value and int(value) <= 31:
            found.append((is_counting, abs(at - near) if near is not None else at, at, length, int(value)))
        at += length or 1
    if not found:
        return 0, 0, None
    return min(found)[2:]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(year: int, month: int, day: int) -> str | None:
    found = _day(year, month, day)
    return found.isoformat() if found is not None else None
