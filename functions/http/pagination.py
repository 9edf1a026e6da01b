"""Lists page by page, with cursors that only we can make."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from functions.http.shown import DocumentT, Page, item_of
from offhook.errors import InvalidInputError
from offhook.signing import Signer

ThingT = TypeVar("ThingT")
PageT = TypeVar("PageT", bound=Page[Any])

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

MAX_PAGE_BYTES = 4_000_000
"""What a page has at most. A Lambda function's reply has 6 MB, counted as JSON in which our JSON is a text, and escaped."""

# The position, and the signature.
_CURSOR = re.compile(r"([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{32})", re.ASCII)

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to return at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=512, description="`next_cursor` of the page before; leave out for the first."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page of a list is asked for."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


Paged = Annotated[Paging, Depends(Paging)]


class Cursors:
    """Writes and reads cursors; each belongs to one list, named by its organization and filters."""

    def __init__(self, install_secret: str, others: Sequence[str] = ()) -> None:
        self._signer = Signer(install_secret, "cursor", others)

    def write(self, position: str | None, *, of: object) -> str | None:
        """Return the cursor of a position in the list `of`; None, the end, stays None."""
        if position is None:
            return None
        packed = urlsafe_b64encode(position.encode()).decode().rstrip("=")
        return f"{packed}.{self._signer.sign(_name(packed, of))}"

    def read(self, cursor: str | None, *, of: object) -> str | None:
        """Return the position of a cursor of the list `of`; raise InvalidInputError for any other text."""
        if cursor is None:
            return None
        match = _CURSOR.fullmatch(cursor)
        if match is None or not self._signer.verify(_name(match[1], of), match[2]):
            msg = "The cursor is not of this list: start again without one."
            raise InvalidInputError.at("query", "cursor", msg=msg, code="invalid-cursor")
        return urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)).decode()

    def page(
        self,
        page: type[PageT],
        things: Sequence[ThingT],
        paging: Paging,
        *,
        of: object,
        show: Callable[[ThingT], BaseModel] | None = None,
    ) -> PageT:
        """Return a page of a short list that is read whole; without `show` its documents are read off the things."""
        start = int(self.read(paging.cursor, of=of) or 0)
        shown = fitting([*map(show or item_of(page).model_validate, things[start : start + paging.limit])])
        end = start + len(shown)
        next_cursor = self.write(str(end) if end < len(things) else None, of=of)
        return page(items=shown, next_cursor=next_cursor)


def fitting(documents: list[DocumentT]) -> list[DocumentT]:
    """Return the first of these documents that one page has room for, one of them at least."""
    return documents[: how_many_fit(document.model_dump_json() for document in documents)]


def how_many_fit(texts: Iterable[str]) -> int:
    """Return how many of these texts one page has room for, one at least."""
    sizes = accumulate(len(json.dumps(text)) for text in texts)
    return max(1, sum(1 for _ in takewhile(lambda size_bytes: size_bytes <= MAX_PAGE_BYTES, sizes)))


def _name(packed: str, of: object) -> str:
    return f"{packed}\n{of!r}"
