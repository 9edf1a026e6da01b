"""Prints docs/calling-hours.md, made from the table of countries: `python -m local.generated.calling_hours`."""

from collections.abc import Sequence

from offhook.callinghours import CallingWindow, Weekday
from offhook.callinghours.countries import RULES, USUAL, CountryRule

_HEAD = """\
# Calling hours

Made from `offhook/callinghours/countries.py` by `make generate`; `make check` fails when the two differ.

A campaign calls each contact by the clock on their wall. It needs two things: that it is within the campaign's own
`calling_windows`, or, without any, from {usual}; and that the rules of the contact's country allow it, which a campaign with
`respects_calling_hours: false` does not ask. By those nobody is called on a public holiday of the whole country.

| country | may be called | written in |
|---|---|---|
"""

_TAIL = """\
| any other | {usual} on its own working days: its weekend and its holidays are those of its calendar | |

- **Where somebody is** their row says, or else their number. A number that may be in several zones (toll-free, a mobile in
  a country with many, an area on both sides of a border) is called when all of these are open.
- **Summer time** counts as it comes. An hour that is repeated is open twice, one that is left out never.
- **States and provinces** are not told apart: a mobile number goes with its owner, and many an area code covers only a part of
  a state. The rules of the USA are kept as the strictest of most states, but some are stricter still (Kentucky begins at 10),
  and provinces of Canada may be. Make a campaign of their own for contacts there, with `calling_windows` such as
  `{{"weekdays": ["monday", "tuesday"], "opens": "10:00", "closes": "20:00"}}`: these narrow the hours of the country.
- They are those for calls that nobody has asked for. Whom you may call at all, with whose consent, and what holds in your
  trade, no table knows: ask somebody who does.
- Holidays come from the library `holidays`, zones of numbers from Google's libphonenumber, and clocks from the IANA time
  zone database, as new as the packages that `uv.lock` names: update these now and then.

Neither triggers nor calls for later (`scheduled_at`) are held to these hours: each of them is somebody's order. The
[do-not-call list](do-not-call.md) holds for them too.
"""


def calling_hours() -> str:
    """Return the whole document."""
    usual = _clock(USUAL[0])
    return _HEAD.format(usual=usual) + "".join(map(_row, RULES.values())) + _TAIL.format(usual=usual)


def _row(rule: CountryRule) -> str:
    country, _, text = rule.source.partition(": ")
    hours = "; ".join(f"{_days(each.weekdays)} {_clock(each)}" for each in rule.windows)
    return f"| {country} | {hours} | {text} |\n"


def _days(weekdays: Sequence[Weekday]) -> str:
    first, last = (each.name.title() for each in (weekdays[0], weekdays[-1]))
    return first if first == last else f"{first} to {last}"


def _clock(window: CallingWindow) -> str:
    return f"{window.opens:%H:%M} to {window.closes:%H:%M}"


if __name__ == "__main__":
    print(calling_hours(), end="")
