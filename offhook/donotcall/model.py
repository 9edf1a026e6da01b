"""An entry of the list of those who are not to be called."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

DO_NOT_CALL = "do_not_call"
"""The disposition of a call in which somebody said that they do not want any."""


class EntrySource(StrEnum):
    """How somebody came onto the list."""

    API = "api"
    IMPORT = "import"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A number that is not called, in E.164 or as a SIP address, in the form of `numbers.listed`.

    `added_by` is the id of the API key that has added it; None for what was said in a call, which `run_id` names.
    """

    organization_id: str
    number: str = field(repr=False)
    reason: str | None = None
    source: EntrySource
    added_by: str | None = None
    added_at: datetime
    run_id: int | None = None
