"""Times of day, kept as `15:30`: "half past three", "halb vier", "las tres y media", "trois heures et quart", "3 pm"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon
from streamer.call.spoken.words import wordings

_HOUR, _MINUTE = r"(?P<hour>\d{1,2})", r"(?P<minute>\d{1,2})"
_NOON, _DAY = 12 * 60, 24 * 60
# Who says no half of the day means one in which people are awake: the read-back says which was understood.
_EARLIEST_HOUR = 7


@dataclass(frozen=True, slots=True)
class _Rule:
    """A way of saying a time: minutes after an hour, or before it (`sign` -1), that the wording itself may name."""

    pattern: re.Pattern[str]
    sign: int = 1
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """How a language tells the time; `early` and `late` are its halves of the day, `named` its hours that are words."""

    early: tuple[str, ...]
    late: tuple[str, ...]
    named: Mapping[str, str]
    rules: tuple[_Rule, ...]


def _rule(text: str, sign: int = 1, minutes: int = 0) -> _Rule:
    filled = text.replace("HOUR", _HOUR).replace("MINUTE", _MINUTE)
    return _Rule(re.compile(rf"(?<!\S){filled}(?!\S)"), sign, minutes)


_PLAIN = _rule(r"HOUR(?: (?:o'clock|uhr|horas?|heures?|h|[.:]))*(?: (?:0 )?MINUTE)?(?: (?:uhr|h|en punto))?")

_CLOCKS: Mapping[str, _Clock] = {
    "en": _Clock(
        early=("a . m", "a m", "am", "in the morning", "this morning"),
        late=wordings(
            "p . m, p m, pm, in the afternoon, this afternoon, in the evening, this evening, at night, tonight"
        ),
        named={"noon": "12", "midday": "12", "midnight": "00"},
        rules=(
            _rule("half(?: past)? HOUR", minutes=30),
            _rule("quarter (?:past|after) HOUR", minutes=15),
            _rule("quarter (?:to|of|till|before) HOUR", -1, 15),
            _rule("MINUTE (?:minutes? )?(?:past|after) HOUR"),
            _rule("MINUTE (?:minutes? )?(?:to|till|before) HOUR", -1),
            _PLAIN,
        ),
    ),
    "de": _Clock(
        early=("morgens", "vormittags", "früh", "am morgen", "am vormittag"),
        late=("nachmittags", "abends", "am nachmittag", "am abend"),
        named={"mittag": "12", "mittags": "12", "mitternacht": "00", "ein": "1"},
        rules=(
            _rule("halb HOUR", -1, 30),
            _rule("dreiviertel HOUR", -1, 15),
            _rule("viertel nach HOUR", minutes=15),
            _rule("viertel vor HOUR", -1, 15),
            _rule("MINUTE (?:minuten )?nach HOUR"),
            _rule("MINUTE (?:minuten )?vor HOUR", -1),
            _PLAIN,
        ),
    ),
    "es": _Clock(
        early=("de la mañana", "por la mañana"),
        late=("de la tarde", "por la tarde", "de la noche", "por la noche"),
        named={"mediodía": "12", "medianoche": "00", "una": "1"},
        rules=(
            _rule("HOUR y media", minutes=30),
            _rule("HOUR y cuarto", minutes=15),
            _rule("HOUR menos cuarto", -1, 15),
            _rule("HOUR y MINUTE"),
            _rule("HOUR menos MINUTE", -1),
            _PLAIN,
        ),
    ),
    "fr": _Clock(
        early=("du matin", "le matin"),
        late=("de l'après midi", "l'après midi", "du soir", "le soir"),
        named={"midi": "12", "minuit": "00", "une": "1"},
        rules=(
            _rule("HOUR (?:heures? )?et demie?", minutes=30),
            _rule("HOUR (?:heures? )?et quart", minutes=15),
            _rule("HOUR (?:heures? )?moins le quart", -1, 15),
            _rule("HOUR (?:heures? )?moins MINUTE", -1),
            _PLAIN,
        ),
    ),
}


class ClockTime(Kind):
    """A time of day; without a half of it, `three` is that of the afternoon."""

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        clock = _CLOCKS[lexicon.language]
        said, is_late = _half(" ".join(tokens), clock)
        numbers = " ".join(_in_digits(said.split(), clock, lexicon))
        for rule in clock.rules:
            if (found := rule.pattern.search(numbers)) is not None:
                rest = numbers[: found.start()] + numbers[found.end() :]
                if any(char.isdecimal() for char in rest):
                    return None
                return self._reading(found, rule, is_late, lexicon)
        return None

    def _reading(self, found: re.Match[str], rule: _Rule, is_late: bool | None, lexicon: Lexicon) -> Reading:
        groups = found.groupdict()
        hour, minutes = int(groups["hour"]), int(groups.get("minute") or rule.minutes)
        if hour > 24 or minutes > 59:
            return Reading(written="", is_unfit=True)
        if is_late is None and 0 < hour < _EARLIEST_HOUR and groups["hour"][0] != "0":
            is_late = True
        if is_late is not None and hour <= 12:
            hour = hour % 12 + (12 if is_late else 0)
        time = (hour * 60 + rule.sign * minutes) % _DAY
        written = f"{time // 60:02d}:{time % 60:02d}"
        is_whole = minutes > 0 or is_late is not None
        return Reading(written=written, value=written, spoken=_spoken(time, lexicon), is_whole=is_whole)

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        """Put the other half of the day in the place of the one that was understood."""
        _, is_late = _half(" ".join(tokens), _CLOCKS[lexicon.language])
        if is_late is None:
            return None
        hour, minute = before.written.split(":")
        return f"{int(hour) % 12 + (12 if is_late else 0):02d}:{minute}"

    def keyed(self, keys: str) -> str:
        """Read an hour of one or two digits, or an hour and the minutes, by 24 hours."""
        if not 1 <= len(keys) <= 4:
            return ""
        hour, minute = (keys, "00") if len(keys) <= 2 else (keys[:-2], keys[-2:])
        return f"{hour:0>2}:{minute}"

    def expected(self, lexicon: Lexicon) -> Sequence[str]:
        clock = _CLOCKS[lexicon.language]
        hours = [" ".join(words) for words, value in lexicon.small.items() if value <= 24]
        return [*hours, *clock.named, *clock.early, *clock.late]


def _half(said: str, clock: _Clock) -> tuple[str, bool | None]:
    """Return what was said without the half of the day, and whether that was the later one; None where none was said."""
    for wording in sorted((*clock.early, *clock.late), key=len, reverse=True):
        rest = re.sub(rf"(?<!\S){re.escape(wording)}(?!\S)", " ", said)
        if rest != said:
            return rest, wording in clock.late
    return said, None


def _in_digits(tokens: list[str], clock: _Clock, lexicon: Lexicon) -> list[str]:
    """Return the words with each number in digits: `half past 3`; hours and minutes in one stand apart."""
    written: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        length, value = lexicon.longest(lexicon.small, tokens, at)
        if token.isdecimal() and len(token) in (3, 4):
            written += [token[:-2], token[-2:]]
        elif length and value is not None:
            written.append(str(value))
        else:
            written.append(clock.named.get(token, token))
        at += length or 1
    return written


def _spoken(time: int, lexicon: Lexicon) -> str:
    hour, minute = divmod(time, 60)
    match lexicon.language:
        case "de":
            return f"{hour} Uhr {minute or ''}".strip()
        case "es":
            return f"{'la' if hour == 1 else 'las'} {hour}:{minute:02d}"
        case "fr":
            return f"{hour} heure{'s' if hour > 1 else ''} {minute or ''}".strip()
    if time % _NOON == 0:
        return "noon" if time else "midnight"
    minutes = f":{minute:02d}" if minute else ""
    return f"{hour % 12 or 12}{minutes} {'a.m.' if time < _NOON else 'p.m.'}"
