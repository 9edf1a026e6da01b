"""Deleting a finished run with all that was recorded of it; that it was there is still told afterwards."""

from dataclasses import dataclass
from datetime import datetime

from offhook.errors import ConflictError
from offhook.organizations.audit import AuditAction, AuditEntry, AuditLog
from offhook.runs.ending.media import media_prefix
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Run
from offhook.runs.ports import EventLog, MediaStore, RunRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRemover:
    """Deletes finished runs: the row last, so that whoever tries again finds what is left to do."""

    runs: RunRepository
    ledgers: Ledgers
    log: EventLog
    media: MediaStore
    audit: AuditLog

    def remove(
        self,
        run: Run,
        action: AuditAction,
        now: datetime,
        *,
        since: datetime | None = None,
        key_id: str | None = None,
    ) -> None:
        """Delete audio, texts, log and row; raise ConflictError `run-state` for a live run.

        And of a run whose end its campaign does not know yet, which would call the contact again. The audit log tells of it
        under `since`, so that who tries again and again leaves one entry.
        """
        if not run.status.is_final:
            raise ConflictError(f"The run is {run.status.value}: hang it up first.", code="run-state")
        if run.campaign is not None and not run.campaign.is_settled:
            raise ConflictError(
                "The run's campaign is still to learn how it ended: try again in a few minutes.",
                code="run-state",
            )
        self.audit.record(
            AuditEntry(
                organization_id=run.organization_id,
                at=since or now,
                action=action,
                subject=str(run.id),
                key_id=key_id,
            )
        )
        # It is counted first, if whoever ended it was lost before that.
        self.ledgers.release(run, now)
        named = [key for key in (run.recording_key, run.transcript_key) if key is not None]
        self.media.delete(sorted({*named, *self.media.keys(media_prefix(run))}))
        self.log.delete(run.id)
        if run.is_owing:
            self.ledgers.forget(run.organization_id, run.id, run.agent_uuid)
        self.runs.delete(run)
