"""Where calls may go, with and without prefixes of the organization's own choice."""

from datetime import datetime

import pytest

from offhook.errors import ForbiddenError
from offhook.organizations.limits import Limits
from offhook.telephony.destinations import check_destination
from offhook.telephony.model import OutboundProfile, PhoneNumber
from tests.support.makers import NOON


def profile(
    *numbers: str, allowed: tuple[str, ...] | None = None, verified_at: datetime | None = NOON
) -> OutboundProfile:
    return OutboundProfile(
        limits=Limits(allowed_destinations=allowed),
        configurations=(),
        numbers=tuple(
            PhoneNumber(
                id=number,
                configuration_id="1",
                organization_id="acme",
                address=number,
                verified_at=verified_at,
            )
            for number in numbers
        ),
    )


def is_allowed(profile: OutboundProfile, address: str) -> bool:
    try:
        check_destination(profile, address)
    except ForbiddenError as error:
        refusal = error
    else:
        return True
    assert refusal.code == "destination-not-allowed"
    assert address not in refusal.detail
    return False


@pytest.mark.parametrize("own", ["+12025550100", "+15550100001"])
@pytest.mark.parametrize("destination", ["+14155550123", "+15550100100", "+18005550100"])
def test_the_country_of_ones_own_numbers_is_allowed(own: str, destination: str) -> None:
    assert is_allowed(profile(own), destination)


@pytest.mark.parametrize(
    "destination",
    # Jamaica and Canada share the country code of the United States, and not its prices.
    ["+18765550123", "+14165550123", "+442079460000", "+881612345678", "+99912345678", "+18760000000"],
)
def test_other_countries_are_not(destination: str) -> None:
    assert not is_allowed(profile("+12025550100"), destination)


def test_a_number_that_the_carrier_has_not_confirmed_opens_nothing() -> None:
    assert not is_allowed(profile("+12025550100", verified_at=None), "+14155550123")
    assert is_allowed(profile("+12025550100", verified_at=None, allowed=("+1415",)), "+14155550123")


def test_every_number_brings_its_country() -> None:
    both = profile("+12025550100", "+442079460000", "sip:desk@pbx.example.com")
    assert is_allowed(both, "+447700900123")
    assert is_allowed(both, "+12025550123")
    assert not is_allowed(both, "+4930123456")


def test_numbers_of_no_country_are_not_one_country() -> None:
    freephone = profile("+80012345678")
    assert is_allowed(freephone, "+80087654321")
    assert not is_allowed(freephone, "+881612345678")


def test_without_a_number_of_ones_own_no_country_is_home() -> None:
    assert not is_allowed(profile(), "+12025550123")
    assert not is_allowed(profile("sip:desk@pbx.example.com"), "+12025550123")
    assert not is_allowed(profile("+99912345678"), "+99912345678")


@pytest.mark.parametrize("destination", ["sip:desk@pbx.example.com", "sips:desk@pbx.example.com"])
def test_sip_costs_no_toll_unless_prefixes_leave_it_out(destination: str) -> None:
    assert is_allowed(profile("+12025550100"), destination)
    assert not is_allowed(profile("+12025550100", allowed=("+1",)), destination)
    assert is_allowed(profile("+12025550100", allowed=("+1", "sip:")), destination)


@pytest.mark.parametrize(
    "destination",
    [
        "sip:+18765550123@acme.cloudonix.net",
        "sips:+18765550123@acme.cloudonix.net",
        "sip:%2B18765550123@acme.cloudonix.net",
        "sip:%2b1876%35550123@acme.cloudonix.net",
        "sip:0018765550123@acme.cloudonix.net",
        "sip:18765550123@acme.cloudonix.net",
        "sip:1-876-555-0123@acme.cloudonix.net",
    ],
)
def test_a_telephone_number_in_a_sip_address_is_one(destination: str) -> None:
    assert not is_allowed(profile("+12025550100"), destination)
    assert is_allowed(profile("+12025550100", allowed=("sip:",)), destination)


@pytest.mark.parametrize("destination", ["sip:+14155550123@pbx.example.com", "sip:1001@pbx.example.com"])
def test_a_number_of_home_and_an_extension_are_no_such(destination: str) -> None:
    assert is_allowed(profile("+12025550100"), destination)


@pytest.mark.parametrize(
    ("own", "premium"),
    [
        ("+12025550100", "+19005550123"),
        ("+442079460000", "+449098790123"),
        ("+12025550100", "sip:+19005550123@acme.cloudonix.net"),
    ],
)
def test_premium_rates_are_no_home_and_need_a_prefix(own: str, premium: str) -> None:
    assert not is_allowed(profile(own), premium)
    assert is_allowed(profile(own, allowed=("+1900", "+449", "sip:+1900")), premium)


def test_prefixes_take_the_place_of_ones_own_countries() -> None:
    chosen = profile("+12025550100", allowed=("+44", "+4930"))
    assert is_allowed(chosen, "+442079460000")
    assert is_allowed(chosen, "+4930123456")
    assert not is_allowed(chosen, "+4940123456")
    assert not is_allowed(chosen, "+12025550123")


def test_an_empty_list_of_prefixes_allows_nothing() -> None:
    nowhere = profile("+12025550100", allowed=())
    assert not is_allowed(nowhere, "+12025550123")
    assert not is_allowed(nowhere, "sip:desk@pbx.example.com")


@pytest.mark.parametrize(
    ("prefix", "address", "expected"),
    [
        ("sip:desk@pbx.example.com", "sip:desk@pbx.example.com", True),
        ("sip:desk@pbx.example.com", "SIP:desk@PBX.example.com:5060;transport=tcp", True),
        ("sip:desk@pbx.example.com", "sips:desk@pbx.example.com", True),
        ("sip:desk@pbx.example.com", "sip:desk@pbx.example.com.evil.net", False),
        ("sip:desk@pbx.example.com", "sip:desk@pbx.example.community", False),
        ("sip:desk@pbx", "sip:desk@pbx.example.com", False),
        ("sip:desk@", "sip:desk@anywhere.example.com", True),
        ("sip:", "sip:anybody@anywhere.example.com", True),
        ("+1415", "+14155550100", True),
    ],
)
def test_a_prefix_with_a_host_covers_that_host_and_no_longer_one(
    prefix: str, address: str, expected: bool
) -> None:
    assert is_allowed(profile(allowed=(prefix,)), address) == expected
