"""Rows as aligned columns of plain text."""

from collections.abc import Sequence
from typing import cast

from offhook.json_types import JsonObject


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the rows as lines under their heading, columns two spaces apart; none when there are no rows."""
    if not rows:
        return []
    lines = [[*head], *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def page_table(page: JsonObject, columns: Sequence[str]) -> list[str]:
    """Return the items of a page of the REST API, of each the fields that the columns name."""
    items = cast("list[JsonObject]", page["items"])
    return table(columns, [[item.get(column) for column in columns] for item in items])


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
