"""What the console shows of a file of contacts before it is sent is what the importer will make of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from offhook.campaigns.model import Source
from offhook.campaigns.reading.csv_rows import CsvRows
from offhook.campaigns.reading.rows import Place, Row, UnreadableFileError

_NODE = Path(sys.executable).with_name("node")
_HEADING = Path(__file__).parents[2] / "web/console/campaigns/heading.js"
_READ = f"""
import {{ readFileSync }} from "node:fs";
import {{ headingOf }} from {json.dumps(str(_HEADING))};
const files = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(files.map((file) => headingOf(Uint8Array.from(file)))));
"""

_FILES = {
    "commas": b"phone_number,name,time_zone\n+1 415 555 0100,Ada,America/Los_Angeles\n",
    "semicolons, a mark and carriage returns": b"\xef\xbb\xbfName;Mobile\r\nAda;+14155550100\r\n\r\n;+14155550101\r\n",
    "tabs and the zone first": b"TZ\tTo\tTelephone\nEurope/Berlin\t1\t2\n",
    "spaces and dashes in names": b"Phone - Number,Time Zone\n1,Europe/Berlin\n",
    "quotes": b'"number","note, long"\n1,"a ""word""\nof two lines, and more"\n',
    "Latin-1": "number,größe\n1,für\n".encode("latin-1"),
    "old Apple's": b"number,name\r1,Ada\r2,Bob\r",
    "a column without a name": b"number,,name\n1,x,Ada\n",
    "short rows": b"number,name,city\n1\n2,Bob\n3,Cy,Rome\n4,Di\n",
    "names alone": b"number,name",
    "two of a name": b"number,name,name\n",
    "no number": b"who,where\nAda,Rome\n",
    "nothing named": b"\n1,2\n",
    "too many": b",".join(b"c%d" % number for number in range(101)),
    "a long name": b"number," + b"x" * 101,
    "a workbook": b"PK\x03\x04....",
    "UTF-16": "number\n1\n".encode("utf-16"),
}


def test_columns_and_first_rows_are_those_that_the_importer_reads() -> None:
    files = json.dumps([list(file) for file in _FILES.values()])
    done = subprocess.run(
        [_NODE, "--input-type=module", "--eval", _READ],
        input=files,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    shown = dict(zip(_FILES, map(_as_read, json.loads(done.stdout)), strict=True))
    assert shown == {name: _imported(file) for name, file in _FILES.items()}


def _as_read(heading: dict[str, Any]) -> object:
    """Return the rows as the importer has them, None where the file is refused."""
    columns, number, zone = heading["columns"], heading["number"], heading["zone"]
    if heading["fault"] or number < 0:
        return None
    context = [index for index, name in enumerate(columns) if name and index not in (number, zone)]
    return [
        (
            row[number],
            (row[zone] if zone >= 0 else "") or None,
            {columns[i]: row[i] for i in context if row[i]},
        )
        for row in heading["rows"]
    ]


def _imported(file: bytes) -> object:
    def blocks(offset: int) -> Iterator[bytes]:
        yield file[offset:]

    try:
        rows = CsvRows(blocks, Source(key="", tag="", default_country=None), Place())
    except UnreadableFileError:
        return None
    return [(row.number, row.zone, row.context) for row in rows if isinstance(row, Row)][:3]
