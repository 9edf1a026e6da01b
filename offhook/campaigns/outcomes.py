"""What an attempt has come to, as far as another one may follow it."""

from offhook.campaigns.model import RetryOutcome
from offhook.runs.end_reasons import EndReason
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.permits import ON_THE_LIST
from offhook.vocabulary import AnsweredBy

_BY_STATUS = {
    RunStatus.BUSY: RetryOutcome.BUSY,
    RunStatus.NO_ANSWER: RetryOutcome.NO_ANSWER,
    RunStatus.FAILED: RetryOutcome.FAILED,
}
# What would be refused again, however often it is tried.
_FOR_GOOD = frozenset({ON_THE_LIST, "destination-not-allowed"})


def outcome_of(run: Run) -> RetryOutcome | None:
    """Return the outcome of a finished run; None for one after which nobody is to be called again."""
    if run.error is not None and run.error.code in _FOR_GOOD:
        return None
    if run.status is RunStatus.COMPLETED and _was_a_machine(run):
        return RetryOutcome.VOICEMAIL
    return _BY_STATUS.get(run.status)


def _was_a_machine(run: Run) -> bool:
    return run.answered_by == AnsweredBy.VOICEMAIL or run.end_reason == EndReason.VOICEMAIL
