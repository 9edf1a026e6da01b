"""The rows of a JSON body, which the API has checked and kept as a list."""

import json
from collections.abc import Iterator, Mapping

from offhook.campaigns.model import Fault
from offhook.campaigns.reading.csv_rows import Blocks
from offhook.campaigns.reading.rows import Place, Row
from offhook.json_types import JsonValue


class JsonRows:
    """Implements Rows; a body is small, and read as a whole."""

    def __init__(self, blocks: Blocks, place: Place) -> None:
        body = b"".join(blocks(0))
        self._end, self._place = len(body), place
        self._rows = list(enumerate(json.loads(body), start=1))[place.rows :]

    @property
    def place(self) -> Place:
        return self._place

    def __iter__(self) -> Iterator[Row | Fault | None]:
        for number, row in self._rows:
            self._place = Place(offset=self._end, rows=number)
            yield _row_of(number, row)


def _row_of(number: int, row: Mapping[str, JsonValue]) -> Row:
    context, zone = row.get("initial_context"), row.get("time_zone")
    return Row(
        row=number,
        number=str(row["phone_number"]),
        zone=str(zone) if zone else None,
        context=context if isinstance(context, dict) else {},
    )
