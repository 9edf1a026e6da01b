"""What JSON texts are taken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.http.json_body import MAX_DEPTH, parse_json
from offhook.errors import InvalidInputError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_was_written_comes_back(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_any_bytes_are_a_value_or_invalid_input(body: bytes) -> None:
    try:
        value = parse_json(body)
    except InvalidInputError:
        return
    assert json.loads(json.dumps(value)) == value


def test_the_deepest_allowed_is_taken_and_one_more_is_not() -> None:
    parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    parse_json(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH)
    with pytest.raises(InvalidInputError, match="NUL"):
        parse_json(b"[" * MAX_DEPTH + b'"\\u0000"' + b"]" * MAX_DEPTH)
    with pytest.raises(InvalidInputError, match="deep"):
        parse_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))
    with pytest.raises(InvalidInputError, match="deep"):
        parse_json(b"[" * 200_000)


@pytest.mark.parametrize(
    "body",
    [
        b'"\\u0000"',
        b'{"a\\u0000": 1}',
        b'"\\ud800"',
        b'[{"a": ["\\udfff"]}]',
        b"NaN",
        b"[-Infinity]",
        b"1e999",
        b"9" * 5000,
        b"9007199254740992",
        b'{"a": [-9007199254740992]}',
        b"\xef\xbb\xbf{}",
        b'"\xed\xa0\x80"',
        b"{'a': 1}",
    ],
)
def test_what_cannot_be_stored_or_shown_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_json(body)


def test_a_refusal_does_not_repeat_the_body() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_json(b'{"phone_number": "+14155550123",}')
    assert "4155550123" not in caught.value.detail


def test_a_carrier_may_count_beyond_what_our_clients_can_read() -> None:
    assert parse_json(b'{"at_ns": 1790000000000000000}', has_large_integers=True) == {
        "at_ns": 1790000000000000000
    }
