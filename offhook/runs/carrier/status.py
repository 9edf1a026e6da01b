"""What the carrier's reports of a call mean for its run."""

from dataclasses import replace
from datetime import datetime

from offhook.errors import ConflictError
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.ender import RunEnder
from offhook.runs.model import NOT_ANSWERED, Run, RunError, RunStatus


def is_news(run: Run, status: RunStatus) -> bool:
    """Say whether the carrier's report of this status would change the run."""
    return not _has_begun(run) and run.status.may_become(status)


def looks_abandoned(run: Run, status: RunStatus, now: datetime) -> bool:
    """Say whether the carrier's report ends a call that has begun, and whose streamer seems to be gone by our clock."""
    if run.status.is_final or not status.is_final or not _has_begun(run):
        return False
    return run.ownership is None or run.ownership.lease_until < now


def apply_carrier_status(ender: RunEnder, run: Run, status: RunStatus) -> Run:
    """Move the run to what the carrier reports and return it; never backwards.

    A call that has begun is settled from its log: by the streamer that holds it and hears its end, or in its place.
    """
    if not is_news(run, status):
        return run
    try:
        return _end(ender, run, status) if status.is_final else ender.runs.advance(run, status)
    except ConflictError:
        # Somebody settled the run between our read and our write, or its media stream began.
        return run


def _has_begun(run: Run) -> bool:
    return run.ownership is not None or run.status is RunStatus.IN_PROGRESS


def _end(ender: RunEnder, run: Run, status: RunStatus) -> Run:
    if run.hangup_requested_at is not None:
        # Whatever the carrier calls it, the call was ended because we asked for that.
        canceled = _ended(run, RunStatus.CANCELED, EndReason.HANGUP_REQUESTED)
        return ender.end(canceled, RunStatus.CANCELED, only_from=NOT_ANSWERED)
    if status is RunStatus.COMPLETED:
        failed = _ended(_never_streamed(run), RunStatus.FAILED)
        return ender.end(failed, RunStatus.FAILED, only_from=NOT_ANSWERED)
    return ender.end(_ended(run, status), status, only_from=NOT_ANSWERED)


def _never_streamed(run: Run) -> Run:
    # A completed run without a word said would look like a conversation in every list.
    message = (
        "The call was answered and ended, and its media stream never began: "
        "the carrier did not open it, or no streamer had room for it."
    )
    return replace(run, error=RunError(code="no-media-stream", message=message))


def _ended(run: Run, status: RunStatus, end_reason: EndReason = EndReason.NOT_CONNECTED) -> Run:
    error = run.error
    if status is RunStatus.FAILED and error is None:
        error = RunError(code="carrier-failed", message="The carrier reported that the call failed.")
    return replace(
        run,
        disposition=run.disposition or status.value,
        end_reason=run.end_reason or end_reason,
        error=error,
    )
