"""Who said in a call that they want no more of them is put on the do-not-call list, by the call's disposition."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from offhook.clock import Clock
from offhook.donotcall.model import Entry, EntrySource
from offhook.donotcall.numbers import listed
from offhook.donotcall.ports import DoNotCallList
from offhook.errors import InvalidInputError
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Heeds the disposition `do_not_call`, whoever gave it: a phrase, a key or a model. Every method blocks."""

    runs: RunRepository
    do_not_call: DoNotCallList
    clock: Clock

    def heed(self, run: Run) -> Run:
        """Put whoever a finished run has talked to on the list, if they want that, and return the run as it is then."""
        if not run.has_open_refusal:
            return run
        # Of a caller who hides their number there is nothing to list.
        with suppress(InvalidInputError):
            self.do_not_call.add(self._entry(run))
        logger.info("refusal heeded", extra={"run_id": run.id})
        return self.runs.note_refusal(run, self.clock())

    def _entry(self, run: Run) -> Entry:
        return Entry(
            organization_id=run.organization_id,
            number=listed(run.other_number or ""),
            reason="Asked for it in a call.",
            source=EntrySource.CALL,
            added_at=self.clock(),
            run_id=run.id,
        )
