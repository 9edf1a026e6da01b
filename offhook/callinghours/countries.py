"""The hours in which the rules of a country allow calls that nobody has asked for, and where each of them is written.

A rule is kept as its strictest part, where it tells between cases that nobody can tell by a number. No call is made on a public
holiday, whatever the rule says of those. A country that is not here has no hours in its law that we know of, and is called at
the hours that most of these have in common, on its own working days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from offhook.callinghours.model import CallingWindow, Weekday

_WEEK = tuple(Weekday)
_MONDAY_TO_FRIDAY = _WEEK[:5]
_MONDAY_TO_SATURDAY = _WEEK[:6]
_SATURDAY = (Weekday.SATURDAY,)
_WEEKEND = (Weekday.SATURDAY, Weekday.SUNDAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRule:
    """Windows of the week, and the text that asks for them."""

    windows: tuple[CallingWindow, ...]
    source: str


def _window(weekdays: Sequence[Weekday], opens: int | time, closes: int | time) -> CallingWindow:
    return CallingWindow(weekdays=tuple(weekdays), opens=_at(opens), closes=_at(closes))


def _at(hour: int | time) -> time:
    return time(hour) if isinstance(hour, int) else hour


USUAL = (_window(_WEEK, 9, 20),)
"""What a campaign without windows of its own has, of what the country allows."""

RULES: Mapping[str, CountryRule] = {
    "AE": CountryRule(
        windows=(_window(_MONDAY_TO_FRIDAY, 9, 18),),
        source="United Arab Emirates: Cabinet Resolution 56 of 2024 (9 to 18)",
    ),
    "AU": CountryRule(
        windows=(_window(_MONDAY_TO_FRIDAY, 9, 20), _window(_SATURDAY, 9, 17)),
        source="Australia: Telecommunications (Telemarketing and Research Calls) Industry Standard 2017",
    ),
    "CA": CountryRule(
        windows=(_window(_MONDAY_TO_FRIDAY, 9, time(21, 30)), _window(_WEEKEND, 10, 18)),
        source="Canada: CRTC, Unsolicited Telecommunications Rules, Part III, rule 23 (provinces may be stricter)",
    ),
    "ES": CountryRule(
        windows=(_window(_MONDAY_TO_FRIDAY, 9, 21),),
        source="Spain: Real Decreto Legislativo 1/2007, article 96.2",
    ),
    "FR": CountryRule(
        windows=(_window(_MONDAY_TO_FRIDAY, 10, 13), _window(_MONDAY_TO_FRIDAY, 14, 20)),
        source="France: Code de la consommation, article D. 223-9",
    ),
    "IN": CountryRule(
        windows=(_window(_MONDAY_TO_SATURDAY, 10, 21),),
        source="India: Telecom Commercial Communications Customer Preference Regulations 2018 (10 to 21, unless somebody has "
        "chosen other hours or days in their operator's register)",
    ),
    "IT": CountryRule(
        windows=(_window(_MONDAY_TO_SATURDAY, 10, 19),),
        source="Italy: code of conduct approved by the Garante on 7 March 2024 (9 to 20, but 10 to 19 on Saturdays and on "
        "the days before holidays)",
    ),
    "US": CountryRule(
        windows=(_window(_MONDAY_TO_SATURDAY, 9, 20),),
        source="United States: 47 CFR 64.1200(c)(1) (8 to 21), as states narrow it: Connecticut from 9, Florida until 20, "
        "Alabama neither on Sundays nor on holidays",
    ),
    "ZA": CountryRule(
        windows=(_window(_MONDAY_TO_FRIDAY, 8, 20), _window(_SATURDAY, 9, 13)),
        source="South Africa: Consumer Protection Act 68 of 2008, regulations of 2011 (prohibited times)",
    ),
}
"""By the country's code in ISO 3166."""
