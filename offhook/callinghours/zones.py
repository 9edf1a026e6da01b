"""Where somebody is, as far as their number tells: a country, and a zone, or all those that they may be in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from offhook.errors import InvalidInputError

SEPARATOR = ","
"""Between the zones of somebody who may be in any of them; no zone has it in its name."""

# Satellites, universal freephone and the like.
_NO_COUNTRY = ("001", "ZZ", None)
# Zones whose clocks agree at these instants are one; long enough for summer time that depends on the moon.
_SAMPLES = [datetime(year, month, 1, tzinfo=UTC) for year in (2025, 2026, 2027) for month in range(1, 13)]


def group_of(number: str, zone: str | None = None) -> tuple[str, str]:
    """Return the country of a number (ISO 3166, "" where it has none) and the zone that was given, else that of the number.

    A mobile, or a number of an area on both sides of a border between zones, may be in several: these come in the order of
    their names with commas between, and all of them are asked. `number` is in E.164, or a SIP address. Raises
    InvalidInputError for what is neither a number nor comes with a zone, and for a zone that there is not.
    """
    if zone is not None and zone not in all_zones():
        raise InvalidInputError.at(
            "zone", msg="There is no such time zone: write one such as America/New_York."
        )
    country, zones = _told_by(number)
    if zone is not None:
        return country, zone
    if not zones:
        raise InvalidInputError.at(
            "zone", msg="This number tells no time zone: write the contact's own beside it."
        )
    return country, _distinct(tuple(zones))


@cache
def zones_of(zone: str) -> Sequence[ZoneInfo]:
    """Return the zones that `group_of` has named."""
    # Kept, for `ZoneInfo` keeps eight, and reads any other from its file each time.
    return tuple(ZoneInfo(name) for name in zone.split(SEPARATOR))


def local_day(zone: str, now: datetime) -> date:
    """Return the day that it is where somebody is; where that may be two, the earlier one."""
    return min(now.astimezone(each).date() for each in zones_of(zone))


@cache
def all_zones() -> frozenset[str]:
    """Return the names of all zones that there are."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def _told_by(number: str) -> tuple[str, Sequence[str]]:
    # Its tables take some 30 ms to load, which only who reads numbers should pay for.
    import phonenumbers
    from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", ()
    region = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )
    if region in _NO_COUNTRY:
        return "", ()
    told = [
        each for each in time_zones_for_number(parsed) if each != UNKNOWN_TIMEZONE and each in all_zones()
    ]
    is_local = phonenumbers.is_number_geographical(parsed)
    # For any other number it names the zones of all that share the country code, +1 from Guam to Bermuda.
    return region, told if is_local and told else _by_country().get(region, told)


@cache
def _by_country() -> Mapping[str, Sequence[str]]:
    """Return the zones of each country, as the time zone database lists them."""
    found = defaultdict(list)
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country].append(name)
    return found


@cache
def _distinct(names: tuple[str, ...]) -> str:
    """Return one zone for each way in which their clocks go."""
    by_clock: dict[object, str] = {}
    for name in names:
        zone = ZoneInfo(name)
        # The first one, which most people live in.
        by_clock.setdefault(tuple(each.astimezone(zone).utcoffset() for each in _SAMPLES), name)
    return SEPARATOR.join(sorted(by_clock.values()))
