"""Rows as aligned columns of plain text."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return the rows under their heading, columns two spaces apart; empty when there are no rows."""
    if not rows:
        return ""
    lines = [[*head], *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    """Write a value without control characters: names come from whoever made the thing."""
    text = "-" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)
