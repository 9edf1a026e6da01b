"""Cursors open the list that they came from, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.http.pagination import Cursors
from offhook.errors import InvalidInputError

CURSORS = Cursors("a-secret-for-tests-of-32-characters")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_position_comes_back(position: str) -> None:
    assert CURSORS.read(CURSORS.write(position, of=("acme", None)), of=("acme", None)) == position


def test_the_end_has_no_cursor_and_no_cursor_is_the_start() -> None:
    assert CURSORS.write(None, of="acme") is None
    assert CURSORS.read(None, of="acme") is None


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        CURSORS.read(CURSORS.write("7", of="acme"), of="umbrella")


@given(st.text())
def test_no_text_but_ours_is_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInputError):
        CURSORS.read(text, of="acme")
