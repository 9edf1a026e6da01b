"""Lists by offset, as Strongly has them: `{count, limit, offset, items}`, sorted by what each of them names.

For things that are few, or read in order and only as far as a page needs; else a list pages by cursors (`pagination`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict

from functions.http.pagination import DEFAULT_LIMIT, Limit
from functions.http.shown import DocumentT, examples_of
from offhook.errors import InvalidInputError

ThingT = TypeVar("ThingT")

MAX_OFFSET = 10_000

MAX_COUNT = 1_000
"""Where `count` stops: to count further reads megabytes for each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is asked for."""

    limit: Limit = DEFAULT_LIMIT
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET, description="How many to pass over first.")] = 0

    def cut(self, things: Iterable[ThingT]) -> tuple[int, list[ThingT]]:
        """Return how many there are, counted to MAX_COUNT, and the part; read no further than both need."""
        end = self.offset + self.limit
        read = list(islice(things, max(end, MAX_COUNT)))
        return min(len(read), MAX_COUNT), read[self.offset : end]


Windowed = Annotated[Window, Depends(Window)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One field to sort by."""

    field: str
    is_descending: bool


SortKeys = Sequence[SortKey]


def sorting(*fields: str, default: str) -> Any:
    """Return what a route depends on for its `sort`: these fields, the first one deciding; `default` where none is given.

    Such as `sort: Annotated[SortKeys, sorting("started_at", default="-started_at")]`.
    """
    described = (
        f"Fields to sort by, with commas between, each of {', '.join(f'`{field}`' for field in fields)}; "
        f"`-` before one means descending. Without it `{default}`."
    )

    def read(
        sort: Annotated[str | None, Query(max_length=200, description=described, examples=[default])] = None,
    ) -> SortKeys:
        return _read(sort or default, fields)

    return Depends(read)


def sort_by(
    things: Iterable[ThingT], keys: SortKeys, fields: dict[str, Callable[[ThingT], Any]]
) -> list[ThingT]:
    """Return the things in the order of the keys, whose fields `fields` tells of a thing; those alike stay as they were."""
    ordered = list(things)
    # The first key decides, so that it comes last.
    for key in reversed(keys):
        ordered.sort(key=fields[key.field], reverse=key.is_descending)
    return ordered


def _with_example(schema: dict[str, Any], listing: type[BaseModel]) -> None:
    examples = examples_of(listing)
    schema["examples"] = [{"count": 1, "limit": DEFAULT_LIMIT, "offset": 0, "items": examples}]


class Listing(BaseModel, Generic[DocumentT]):
    """A part of a list; `count` is how many there are in all, and stays at 1,000 where there are more."""

    model_config = ConfigDict(json_schema_extra=_with_example)

    count: int
    limit: int
    offset: int
    items: list[DocumentT]


def _read(sort: str, fields: Sequence[str]) -> SortKeys:
    keys = [
        SortKey(field=name.removeprefix("-"), is_descending=name.startswith("-"))
        for name in map(str.strip, sort.split(","))
    ]
    named = [key.field for key in keys]
    if not set(named) <= set(fields) or len(set(named)) < len(named):
        msg = f"Sort by each of {', '.join(fields)} once at most, with - before it for descending."
        raise InvalidInputError.at("query", "sort", msg=msg)
    return keys
