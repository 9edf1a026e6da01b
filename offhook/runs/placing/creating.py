"""Storing a new run in its place among the live ones, once for each order, whatever fails on the way."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.errors import ConflictError, NotFoundError, OffhookError, StorageError
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ledger import Admission
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.dialing import failed_by
from offhook.runs.placing.orders import RunNumber, renumbered

NOT_DIALLED = "not-dialled"
"""Code of the error of a run that was given up before anybody was asked to carry it; its order may be placed again."""

_ID_ATTEMPTS = 5

TakePlace = Callable[[Admission, datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCreator:
    """Takes a place for a run and stores it there; what is refused leaves nothing behind."""

    ender: RunEnder

    def created_before(self, organization_id: str, number: RunNumber) -> Run | None:
        """Return the run that an earlier try of the same order has made; None when this one is to make it."""
        if not number.is_repeated:
            return None
        try:
            run = self.ender.runs.get(organization_id, number.run_id)
        except NotFoundError:
            return None
        return None if run.error is not None and run.error.code == NOT_DIALLED else run

    def create(
        self, run: Run, admission: Admission, take_place: TakePlace, number: RunNumber, now: datetime
    ) -> tuple[Run, bool]:
        """Store the run in its place; return it, and whether it is new. A taken id is changed for another one.

        Raises what `take_place` raises, StorageError, and ConflictError `id-taken`.
        """
        for _ in range(_ID_ATTEMPTS):
            take_place(replace(admission, run_id=run.id), now)
            try:
                self.ender.runs.create(run)
            except ConflictError:
                self._leave_place(run, now)
                # An earlier try that was slower than anybody expects is there by now.
                if run.id == number.run_id and (made := self.created_before(run.organization_id, number)):
                    return made, False
                run = renumbered(run, number.another())
            except StorageError:
                self._give_up(run)
                raise
            else:
                if number.is_repeated:
                    self._keep_place(replace(admission, run_id=run.id), take_place, run, now)
                return run, True
        raise ConflictError("No free id was found for the run: try again.", code="id-taken")

    def _leave_place(self, refused: Run, now: datetime) -> None:
        """Give back the place of a run whose id is taken, unless it is the place of the live run that has the id."""
        try:
            holder = self.ender.runs.get(refused.organization_id, refused.id)
        except NotFoundError:
            self.ender.ledgers.forget(refused.organization_id, refused.id, refused.agent_uuid)
            return
        if holder.status.is_final:
            self.ender.ledgers.release(holder, now)

    def _keep_place(self, admission: Admission, take_place: TakePlace, run: Run, now: datetime) -> None:
        """Take the place of a stored run once more: its id is old, and the reaper may have found it without a run."""
        try:
            take_place(admission, now)
        except OffhookError:
            self._give_up(run)
            raise

    def _give_up(self, run: Run) -> None:
        """Settle a run of which nobody knows whether it was stored, so that it holds no place and nobody dials it."""
        error = StorageError(
            "The run could not be stored in its place in time, so nobody was called.", code=NOT_DIALLED
        )
        with suppress(StorageError, ConflictError):
            try:
                self.ender.end(failed_by(run, error), RunStatus.FAILED, is_told=True)
            except NotFoundError:
                self.ender.ledgers.forget(run.organization_id, run.id, run.agent_uuid)
