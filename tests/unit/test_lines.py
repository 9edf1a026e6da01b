"""Which configuration and number a call leaves by."""

import pytest

from offhook.errors import InvalidInputError, NotConfiguredError, NotFoundError
from offhook.organizations.limits import Limits
from offhook.telephony.model import OutboundProfile, PhoneNumber
from offhook.telephony.usecases import choose_line
from tests.support.cloudonix import make_configuration


def number(name: str, of: str, *, is_default_caller: bool = False) -> PhoneNumber:
    return PhoneNumber(
        id=name,
        configuration_id=of,
        organization_id="acme",
        address="+12025550100",
        is_default_caller=is_default_caller,
    )


PROFILE = OutboundProfile(
    limits=Limits(),
    configurations=(
        make_configuration(id="day"),
        make_configuration(id="night", is_default=True),
        make_configuration(id="bare"),
    ),
    numbers=(
        number("day-1", "day"),
        number("day-2", "day"),
        number("night-1", "night"),
        number("night-2", "night", is_default_caller=True),
    ),
)
NOTHING = OutboundProfile(limits=Limits(), configurations=(), numbers=())


@pytest.mark.parametrize(
    ("configuration_id", "number_id", "chosen"),
    [
        (None, None, ("night", "night-2")),
        (None, "night-1", ("night", "night-1")),
        ("day", "day-2", ("day", "day-2")),
    ],
)
def test_what_is_named_comes_before_defaults(
    configuration_id: str | None, number_id: str | None, chosen: tuple[str, str]
) -> None:
    line = choose_line(PROFILE, configuration_id=configuration_id, number_id=number_id)
    assert (line.configuration.id, line.number.id) == chosen


def test_without_a_default_every_number_of_the_configuration_gets_its_turn() -> None:
    chosen = {choose_line(PROFILE, configuration_id="day").number.id for _ in range(200)}
    assert chosen == {"day-1", "day-2"}


def test_without_a_default_the_first_configuration_is_taken() -> None:
    profile = OutboundProfile(
        limits=Limits(), configurations=(make_configuration(id="day"),), numbers=(number("day-1", "day"),)
    )
    assert choose_line(profile).configuration.id == "day"


def test_an_unknown_configuration_is_not_found() -> None:
    for profile in (PROFILE, NOTHING):
        with pytest.raises(NotFoundError):
            choose_line(profile, configuration_id="unknown")


@pytest.mark.parametrize("number_id", ["unknown", "day-1"])
def test_a_number_of_another_configuration_is_invalid(number_id: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        choose_line(PROFILE, number_id=number_id)
    assert caught.value.code == "from-phone-number-not-found"


@pytest.mark.parametrize(
    ("profile", "configuration_id", "code"),
    [(NOTHING, None, "telephony-not-configured"), (PROFILE, "bare", "caller-number-not-configured")],
)
def test_what_is_not_there_must_be_configured_first(
    profile: OutboundProfile, configuration_id: str | None, code: str
) -> None:
    with pytest.raises(NotConfiguredError) as caught:
        choose_line(profile, configuration_id=configuration_id)
    assert caught.value.code == code
