"""CSV that a person may open in a spreadsheet: what others have said in it is text there, never a formula."""

import csv
import io
import re
from collections.abc import Sequence

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Begins a file, without which Excel takes UTF-8 for the machine's own old encoding."""

# https://owasp.org/www-community/attacks/CSV_Injection, which has the wide forms too. Behind each sign that the spreadsheets
# of some country take for the end of a cell, another one may begin, whose quotes they drop.
_FORMULA = re.compile(
    r'((?:^|[,;\t\n])[\s,;"]*)'
    r"([=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])"
)
# A telephone number, or any other: it has nothing that could be carried out.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def csv_line(values: Sequence[object]) -> str:
    """Return one row with its line break, each cell in quotes; None is an empty cell."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(["" if v is None else harmless(str(v)) for v in values])
    return line.getvalue()


def harmless(text: str) -> str:
    """Return a cell's text with an apostrophe before whatever a spreadsheet would calculate; numbers stay as they are."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")
    return plain if _NUMBER.fullmatch(plain) else _FORMULA.sub(r"\1'\2", plain)
