"""Which state of a thing an editor has read: ETag tells it, If-Match asks for it."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response

from functions.http.authentication import Caller
from offhook.revisions import Revisions

# Proxies weaken tags, and people leave the quotes out.
_TAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,15})"|([1-9][0-9]{0,15})', re.ASCII)


def expected_revisions(
    if_match: Annotated[
        str | None,
        Header(
            max_length=1_000,
            description="The `ETag` of the state that you have read: if it has changed since, nothing is done and "
            "the answer is 412. `*` or leaving it out means any state.",
            examples=['"5"'],
        ),
    ] = None,
) -> Revisions:
    """Return the revisions that If-Match names; a tag that is none of ours names no revision."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (_TAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[1] or tag[2]) for tag in tags if tag)


Expected = Annotated[Revisions, Depends(expected_revisions)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Who changes a thing, which states of it they may have read, and the reply that tells the new one."""

    caller: Caller
    expected: Expected
    response: Response


Editing = Annotated[Edit, Depends(Edit)]


def tag(response: Response, revision: int) -> None:
    """Tell the revision with the reply."""
    response.headers["ETag"] = f'"{revision}"'
