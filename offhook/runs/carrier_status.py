"""What the carrier's words about a call mean for its run."""

from dataclasses import replace
from datetime import datetime

from offhook.errors import ConflictError
from offhook.runs.model import Run, RunError, RunStatus
from offhook.runs.ports import RunRepository

# Cloudonix has two vocabularies, one of its sessions and one of its CXML callbacks. "Answered" is not progress here:
# a run is in progress when its media stream talks, which only the streamer can tell.
_STATUS_OF_WORD = {
    "initiated": RunStatus.DIALING,
    "queued": RunStatus.DIALING,
    "ringing": RunStatus.RINGING,
    "answer": RunStatus.RINGING,
    "answered": RunStatus.RINGING,
    "connected": RunStatus.RINGING,
    "inprogress": RunStatus.RINGING,
    "completed": RunStatus.COMPLETED,
    "busy": RunStatus.BUSY,
    "noanswer": RunStatus.NO_ANSWER,
    "cancel": RunStatus.CANCELED,
    "canceled": RunStatus.CANCELED,
    "cancelled": RunStatus.CANCELED,
    "failed": RunStatus.FAILED,
    "error": RunStatus.FAILED,
    "congestion": RunStatus.FAILED,
    "nocredit": RunStatus.FAILED,
}


def status_of_word(word: str) -> RunStatus | None:
    """Return the status that a word of the carrier stands for, in whatever spelling; None for an unknown one."""
    return _STATUS_OF_WORD.get(word.strip().lower().replace("-", "").replace("_", ""))


def apply_carrier_status(runs: RunRepository, run: Run, status: RunStatus, now: datetime) -> Run:
    """Move the run to what the carrier reports and return it; never backwards.

    A call that a streamer holds is settled by that streamer: it hears the end on its socket, and has the story.
    """
    if _is_held(run, now):
        return run
    if status is RunStatus.COMPLETED and run.status is not RunStatus.IN_PROGRESS:
        return _advance(runs, _never_streamed(run), RunStatus.FAILED, now)
    return _advance(runs, run, status, now)


def _is_held(run: Run, now: datetime) -> bool:
    return run.ownership is not None and now < run.ownership.lease_until


def _never_streamed(run: Run) -> Run:
    # A completed run without a word said would look like a conversation in every list.
    message = "The call was answered and ended, and the carrier never opened its media stream."
    return replace(run, error=RunError(code="no-media-stream", message=message))


def _advance(runs: RunRepository, run: Run, status: RunStatus, now: datetime) -> Run:
    if not run.status.may_become(status):
        return run
    try:
        return runs.advance(_ended(run, status, now) if status.is_final else run, status)
    except ConflictError:
        # Somebody settled the run between our read and our write.
        return run


def _ended(run: Run, status: RunStatus, now: datetime) -> Run:
    is_connected = run.status is RunStatus.IN_PROGRESS
    error = run.error
    if status is RunStatus.FAILED and error is None:
        error = RunError(code="carrier-failed", message="The carrier reported that the call failed.")
    return replace(
        run,
        ended_at=now,
        disposition=run.disposition or status.value,
        end_reason=run.end_reason or ("carrier_ended" if is_connected else "not_connected"),
        error=error,
    )
