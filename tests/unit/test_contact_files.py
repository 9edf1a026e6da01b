"""Files of contacts as spreadsheets, people and enemies write them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.campaigns.model import Fault, Source
from offhook.campaigns.reading.csv_rows import CsvRows
from offhook.campaigns.reading.rows import Place, Row, UnreadableFileError

SOURCE = Source(key="uploads/acme/c/1.csv", tag="t")
HEADING = b"phone_number,name\n"


def opened(
    body: bytes, *, block_bytes: int = 1 << 20, place: Place | None = None, source: Source = SOURCE
) -> CsvRows:
    def blocks(offset: int) -> Iterator[bytes]:
        for start in range(offset, len(body), block_bytes):
            yield body[start : start + block_bytes]

    return CsvRows(blocks, source, place or Place())


def read(body: bytes, **how: Any) -> list[Row | Fault | None]:
    return list(opened(body, **how))


def row(number: int, written: str, zone: str | None = None, /, **context: str) -> Row:
    return Row(row=number, number=written, zone=zone, context=dict(context))


def reasons(body: bytes) -> dict[int, str]:
    return {found.row: found.reason for found in read(body) if isinstance(found, Fault)}


def test_columns_become_context_by_their_names() -> None:
    body = b"Phone Number,First name,timezone,empty,\n+1 415,Zo\xc3\xab,Europe/Berlin,,\n+2, Max ,,x,\n"
    assert read(body) == [
        row(1, "+1 415", "Europe/Berlin", **{"First name": "Zoë"}),
        row(2, "+2", None, **{"First name": "Max", "empty": "x"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1"], ids=["utf-8", "with byte order mark", "latin-1"]
)
def test_spreadsheets_write_many_kinds_of_csv(delimiter: str, newline: str, encoding: str) -> None:
    lines = [["name", "mobile"], ["Zoë", "+1"], ['"O""Neill, a; b"', '"+2"'], ["", ""], ["last", "+3"]]
    text = newline.join(delimiter.join(fields) for fields in lines)
    expected = [row(1, "+1", name="Zoë"), row(2, "+2", name='O"Neill, a; b'), None, row(4, "+3", name="last")]
    assert read(text.encode(encoding), block_bytes=20) == expected


def test_a_quoted_field_has_several_lines() -> None:
    assert read(HEADING + b'+1,"Dear\nZoe,\nhello"\n+2,b\n', block_bytes=5) == [
        row(1, "+1", name="Dear\nZoe,\nhello"),
        row(2, "+2", name="b"),
    ]


def test_rows_may_lack_fields_at_their_end() -> None:
    assert read(b"phone,a,b\n+1\n+2,x\n") == [row(1, "+1"), row(2, "+2", a="x")]


def test_the_columns_of_number_and_zone_can_be_named() -> None:
    source = Source(key="k", tag="t", number_column="Handy-Nummer", zone_column=" ORT ")
    body = b"phone;handy nummer;Ort\nold;+1;Europe/Paris\n"
    assert read(body, source=source) == [row(1, "+1", "Europe/Paris", phone="old")]


# --- what is wrong with rows: the good ones go on ---


def test_a_quote_that_is_never_closed_costs_its_own_row_alone() -> None:
    body = HEADING + b'+1,"Zoe\n' + b"".join(b"+%d,a\n" % n for n in range(2, 80))
    (fault, *good) = read(body)
    assert isinstance(fault, Fault)
    assert "quotes" in fault.reason
    assert good == [row(n, f"+{n}", name="a") for n in range(2, 80)]


def test_quotes_that_are_not_doubled_are_a_fault() -> None:
    assert "double" in reasons(HEADING + b'+1,"say "hi" now"\n')[1]


def test_too_many_fields_are_a_fault_and_empty_ones_none() -> None:
    body = HEADING + b"+1,Doe, John\n+2,b,,\n"
    assert "3 fields" in reasons(body)[1]
    assert read(body)[1] == row(2, "+2", name="b")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"+1," + b"x" * 1_000_000, "longer than 32 KB"),
        (b'+1,"' + b"x\n" * 40 + b"y" * 32_768 + b'"', "longer than 32 KB"),
        (b"+1,a\0b", "NUL"),
        (b"+1,\x81\x8d", "neither UTF-8 nor Latin-1"),
    ],
    ids=["1 MB", "32 KB in lines", "NUL", "no text"],
)
def test_a_hostile_row_is_one_sentence(line: bytes, reason: str) -> None:
    found = read(HEADING + b"+1,first\n" + line + b"\n+9,last\n", block_bytes=4096)
    assert found[0] == row(1, "+1", name="first")
    assert isinstance(found[1], Fault)
    assert reason in found[1].reason
    last = found[-1]
    assert isinstance(last, Row)
    assert (last.number, last.context) == ("+9", {"name": "last"})


def test_a_file_of_mixed_encodings_is_what_its_first_row_of_letters_is() -> None:
    utf_8, latin_1 = "+1,Zoë\n".encode(), "+2,Zoë\n".encode("latin-1")
    assert "Latin-1, and rows before it are UTF-8" in reasons(HEADING + utf_8 + latin_1 + utf_8)[2]
    assert "UTF-8, and rows before it are Latin-1" in reasons(HEADING + latin_1 + utf_8 + latin_1)[2]


def test_what_looks_like_a_formula_stays_the_text_that_it_is() -> None:
    assert read(HEADING + b"+1,=1+1\n") == [row(1, "+1", name="=1+1")]


# --- what is wrong with whole files ---


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"\0" * 1000, "ZIP archive or an Excel workbook"),
        (b"\x1f\x8b\x08" + b"\0" * 1000, "gzip"),
        ("\ufeffphone,name".encode("utf-16-le"), "UTF-16"),
        ("phone,name\n+1,a\n".encode("utf-16-le"), "NUL"),
        (b"%PDF-1.7\n", "PDF"),
        (b",".join(b"c%d" % n for n in range(300)), "300 columns"),
        (b"+14155550100,Zoe\n", "phone_number"),
        (b"phone,name,name\n", "same name"),
        (b"phone," + b"n" * 200 + b"\n", "100 characters"),
        (b"x" * 1_000_000, "longer than 32 KB"),
        (b'phone,"name\n+1,a\n', "quote"),
    ],
)
def test_a_file_that_is_no_csv_of_contacts_is_refused_in_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFileError, match=sentence):
        read(body)


# --- going on ---


class _LongLine(bytes):
    """Too long a line, which failures show by its name."""

    def __repr__(self) -> str:
        return "LONG"


_LONG = [_LongLine(b"x" * 40_000)]


@pytest.mark.fuzz
@given(
    lines=st.lists(
        st.text(st.sampled_from('+1",;\n\tëx='), max_size=12).map(str.encode)
        | st.binary(max_size=8)
        | st.sampled_from(_LONG),
        max_size=12,
    ),
    block_bytes=st.sampled_from([40, 1_000, 50_000]),
    stop=st.integers(0, 12),
)
def test_whoever_goes_on_reads_what_would_have_been_read(
    lines: list[bytes], block_bytes: int, stop: int
) -> None:
    body = HEADING + b"\n".join(lines)
    whole = read(body)
    first = opened(body, block_bytes=block_bytes)
    begun = [found for _, found in zip(range(stop), first, strict=False)]
    assert [*begun, *read(body, place=first.place)] == whole
    assert opened(body, place=Place(offset=len(body), rows=len(whole))).place.rows == len(whole)


def test_what_a_quote_that_is_never_closed_costs_is_bounded() -> None:
    looked_at = 0

    class Counting(CsvRows):
        def _text(self, line: Any) -> str:
            nonlocal looked_at
            looked_at += 1
            return super()._text(line)

    body = HEADING + b'"\n' * 2_000
    rows = Counting(lambda offset: iter([body[offset:]]), SOURCE, Place())
    # Each closes the one before it.
    assert len(list(rows)) == 1_000
    body = HEADING + b'","x\n' * 2_000
    assert len(list(rows := Counting(lambda offset: iter([body[offset:]]), SOURCE, Place()))) <= 2_000
    assert looked_at <= 52 * 2_000
    assert rows.place.offset == len(body)
