"""Telephone numbers as people and spreadsheets write them, in the one form that is dialled."""

import re
from collections.abc import Mapping

from offhook.dialable import is_dialable, plain_sip
from offhook.errors import InvalidInputError

# Digits, and what stands between them on paper: also the hyphens, dashes and spaces of typographers.
_WRITTEN = re.compile(r"[+\uff0b]?[\d\s().,/+\u2010-\u2015\u00a0\u202f-]+")
_ROUNDED = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")
_MOST_CHARACTERS = 256
_NO_COUNTRY = "This number names no country: write it as +14155550100, or give the campaign the default_country of such numbers."


def read_number(text: str, default_country: str | None) -> str:
    """Return a number in E.164, or a SIP address; national ones are of the country (ISO 3166), where there is one.

    Raises InvalidInputError with a sentence that never repeats the number.
    """
    # An apostrophe in front is how spreadsheets are told that something is text.
    written = text.strip().removeprefix("'").strip()
    if written.lower().startswith(("sip:", "sips:")):
        return _sip_address(written)
    _check_form(written)
    if written.startswith("00") and default_country is None:
        written = "+" + written[2:]
    return _in_e164(written, default_country)


def _sip_address(written: str) -> str:
    address = plain_sip(written)
    if not is_dialable(address):
        raise InvalidInputError("This SIP address can't be called: write one such as sip:person@example.com.")
    return address


def _check_form(written: str) -> None:
    if not written:
        raise InvalidInputError("This row has no number.")
    if written.startswith("="):
        raise InvalidInputError(
            "The number of this row is a formula of a spreadsheet: put the number itself there, as text."
        )
    if _ROUNDED.fullmatch(written):
        raise InvalidInputError(
            "A spreadsheet has rounded this number, and its last digits are lost: give the column the format Text, and put "
            "the number in again."
        )
    if len(written) > _MOST_CHARACTERS or not _WRITTEN.fullmatch(written):
        raise InvalidInputError(
            "This is no telephone number: write one such as +14155550100, without an extension."
        )


def _in_e164(written: str, default_country: str | None) -> str:
    # Its tables take some 30 ms to load, which only who reads numbers should pay for.
    import phonenumbers

    try:
        number = phonenumbers.parse(written, default_country)
    except phonenumbers.NumberParseException as error:
        is_national = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        raise InvalidInputError(
            _NO_COUNTRY
            if is_national and not written.startswith("+")
            else "This is no telephone number of any country: write one such as +14155550100."
        ) from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in _LENGTHS:
        raise InvalidInputError(_LENGTHS[reason])
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not is_dialable(found):
        raise InvalidInputError("This number can't be called: write one such as +14155550100.")
    return found


# `phonenumbers.ValidationResult`: named here, so that its tables are loaded by the first number alone.
_LENGTHS: Mapping[int, str] = {
    1: "This number has a country code that there is not.",
    2: "This number is too short for its country.",
    3: "This number is too long for its country.",
    4: "This number lacks its area code.",
    5: "This number has a length that its country does not use.",
}
