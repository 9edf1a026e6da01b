"""How a number stands on the do-not-call list."""

import pytest

from offhook.donotcall.numbers import listed, names_of
from offhook.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+14155550100", "+14155550100"),
        (" +1 (415) 555-0100\n", "+14155550100"),
        ("+1.415.555.0100", "+14155550100"),
        ("+44\u00a020\u20117946/0000", "+442079460000"),
        ("0049 30 123456", "+4930123456"),
        ("+49 (0)30 123456", "+4930123456"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+883510001234567", "+883510001234567"),
        ("sip:Desk@PBX.example.com", "sip:Desk@pbx.example.com"),
        ("SIPS:desk@pbx.example.com:5061;transport=tls", "sip:desk@pbx.example.com"),
        ("sip:desk@[2001:db8::1]", "sip:desk@[2001:db8::1]"),
    ],
)
def test_a_number_has_one_form_however_it_is_written(text: str, number: str) -> None:
    assert listed(text) == number
    assert listed(number) == number


@pytest.mark.parametrize(
    "text",
    ["", "4155550100", "030 123456", "+1415555010O", "tel:+14155550100", "+", "+1" * 200, "sip:", "=1+1"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        listed(text)
    assert refused.value.code == "invalid-number"


def test_an_address_is_looked_for_as_itself_and_as_the_number_that_it_dials() -> None:
    assert names_of("+14155550100") == ("+14155550100",)
    # A zero that a carrier passes over is no other number.
    assert names_of("+49030123456") == ("+4930123456",)
    assert names_of("sip:desk@pbx.example.com") == ("sip:desk@pbx.example.com",)
    assert names_of("sips:+14155550100@gw.example.net;user=phone") == (
        "sip:+14155550100@gw.example.net",
        "+14155550100",
    )
