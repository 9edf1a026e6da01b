"""CSV for spreadsheets: nothing that somebody has said is calculated, and everything else can be read back."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.spreadsheets import csv_line, harmless

BEGINNINGS = tuple("=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH COMMERCIAL AT}")
# To whoever separates by other signs, what follows a number is a list of texts, and the whole is nothing to calculate.
NUMBER = re.compile(r'[+-]?[0-9]+(\.[0-9]+)?(,".*)?\s*', re.DOTALL)


@pytest.mark.parametrize(
    "text", ["Ann", "", "half-past nine", "a=b", "+15555550100", "-12.50", "Zoë, 7 o'clock", "x@y.net"]
)
def test_plain_text_and_numbers_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("=1+1", "'=1+1"),
        ("+1 (555) 0100", "'+1 (555) 0100"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =cmd|' /C calc'!A0", "  '=cmd|' /C calc'!A0"),
        ("\t=1", "\t'=1"),
        ("Ann;=1+1", "Ann;'=1+1"),
        ("Ann\r\n=1+1", "Ann\n'=1+1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ('Ann;"=1"', 'Ann;"\'=1"'),
        ("nul\0l", "nul l"),
    ],
)
def test_what_would_be_calculated_is_text(text: str, made: str) -> None:
    assert harmless(text) == made


def test_a_row_has_each_cell_in_quotes_and_nothing_for_none() -> None:
    assert csv_line(["Ann", None, 7, 'the "best"\nof all']) == '"Ann","","7","the ""best""\nof all"\r\n'


SIGNS = '=+-@;,"\n\r\t ab1.\N{FULLWIDTH PLUS SIGN}'


@pytest.mark.fuzz
@given(st.lists(st.text(SIGNS, max_size=8), min_size=1, max_size=3))
def test_no_cell_is_calculated_whatever_its_reader_takes_for_a_separator(cells: list[str]) -> None:
    line = csv_line(cells)
    assert len(next(csv.reader(io.StringIO(line, newline="")))) == len(cells)
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(line, newline=""), delimiter=separator):
            for cell in row:
                assert not cell.lstrip().startswith(BEGINNINGS) or NUMBER.fullmatch(cell), (line, cell)
