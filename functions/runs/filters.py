"""The query parameters that narrow a list of runs."""

from typing import Annotated

from fastapi import Depends, Query

from offhook.instants import Instant
from offhook.runs.model import Direction, RunStatus
from offhook.runs.ports import RunFilter

Text = Annotated[str | None, Query(min_length=1, max_length=400)]


def run_filter(
    status: RunStatus | None = None,
    direction: Direction | None = None,
    disposition: Text = None,
    created_from: Annotated[
        Instant | None, Query(description="Created at this instant or later; with a time zone.")
    ] = None,
    created_to: Annotated[Instant | None, Query(description="Created before this instant.")] = None,
    caller: Annotated[str | None, Query(max_length=400, description="The caller number, whole.")] = None,
    called: Annotated[str | None, Query(max_length=400, description="The called number, whole.")] = None,
) -> RunFilter:
    """Collect the filters that every list of runs has; a space before a number is a plus that nobody escaped."""
    return RunFilter(
        statuses=() if status is None else (status,),
        direction=direction,
        disposition=disposition,
        created_from=created_from,
        created_to=created_to,
        caller=_plus_for_space(caller),
        called=_plus_for_space(called),
    )


Filter = Annotated[RunFilter, Depends(run_filter)]


def _plus_for_space(number: str | None) -> str | None:
    return "+" + number[1:] if number and number.startswith(" ") else number
