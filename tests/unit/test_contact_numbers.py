"""Numbers as people and spreadsheets write them."""

import pytest

from offhook.campaigns.reading.numbers import read_number
from offhook.donotcall.numbers import listed
from offhook.errors import InvalidInputError


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("+14155550100", None, "+14155550100"),
        (" +1 (415) 555-0100 ", None, "+14155550100"),
        ("+1.415.555.0100", None, "+14155550100"),
        ("'+14155550100", None, "+14155550100"),
        ("+1\u00a0415\u2011555\u20110100", None, "+14155550100"),
        ("0049 30 123456", None, "+4930123456"),
        ("+49 (0)30 123456", None, "+4930123456"),
        ("030/123456", "DE", "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("(415) 555-0100", "US", "+14155550100"),
        ("4155550100", "US", "+14155550100"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("+1 555-555-0105", None, "+15555550105"),
        ("SIP:zoe@Example.com", None, "sip:zoe@example.com"),
    ],
)
def test_a_number_is_read_in_every_form_of_paper(written: str, country: str | None, number: str) -> None:
    assert read_number(written, country) == number
    # In the form of the do-not-call list, which reads numbers by rules of its own: it takes all that was ever dialled.
    assert listed(number) == number


@pytest.mark.parametrize(
    ("written", "country", "sentence"),
    [
        ("", None, "no number"),
        ("   ", "US", "no number"),
        ("(415) 555-0100", None, "names no country"),
        ("030 123456", None, "names no country"),
        ("555-0100", "US", "area code"),
        ("=A1+1", None, "formula"),
        ('=HYPERLINK("http://x","+1")', None, "formula"),
        ("4.91512E+11", None, "rounded"),
        ("4,9E+11", "DE", "rounded"),
        ("call me", "US", "no telephone number"),
        ("1-800-FLOWERS", "US", "no telephone number"),
        ("+1 415 555 0100 ext. 5", None, "extension"),
        ("+1 415", None, "too short"),
        ("+1 415 555 0100 0100", None, "too long"),
        ("+999 123456789", None, "no telephone number"),
        ("++--..", None, "no telephone number"),
        ("+" + "1" * 300, None, "no telephone number"),
        ("sip:zoe", None, "SIP address"),
        ("+1415555010" + "\u0660", None, None),
    ],
)
def test_what_is_no_number_is_told_in_a_sentence_that_does_not_repeat_it(
    written: str, country: str | None, sentence: str | None
) -> None:
    if sentence is None:
        assert read_number(written, country) == "+14155550100", "digits of other alphabets are digits"
        return
    with pytest.raises(InvalidInputError, match=sentence) as caught:
        read_number(written, country)
    digits = [sign for sign in written if sign.isdigit()]
    assert len(digits) < 4 or written not in caught.value.detail
