"""Cloudonix's words for how a call stands, in ours: two vocabularies, one of its sessions and one of its callbacks."""

from offhook.runs.model import RunStatus

# "Answered" is not progress here: a run is in progress when its media stream talks, which only the streamer can tell.
_STATUS_OF_WORD = {
    "new": RunStatus.DIALING,
    "initiated": RunStatus.DIALING,
    "queued": RunStatus.DIALING,
    "processing": RunStatus.DIALING,
    "ringing": RunStatus.RINGING,
    "answer": RunStatus.RINGING,
    "answered": RunStatus.RINGING,
    "connected": RunStatus.RINGING,
    "external": RunStatus.RINGING,
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

# Of a call that is over, "answered" says that there was one.
_STATUS_OF_DISPOSITION = {"answer": RunStatus.COMPLETED, "answered": RunStatus.COMPLETED}

_ANSWERED = ("answer", "answered", "connected", "inprogress")


def status_of_word(word: str) -> RunStatus | None:
    """Return the status that a word stands for, in whatever spelling; None for an unknown one."""
    return _STATUS_OF_WORD.get(_plain(word))


def status_of_disposition(word: str) -> RunStatus | None:
    """Return how a call ended that has this disposition in its CDR; None for an unknown one."""
    status = _STATUS_OF_DISPOSITION.get(_plain(word)) or status_of_word(word)
    return status if status is not None and status.is_final else None


def is_answered(word: str) -> bool:
    """Say whether the word tells that somebody has picked up."""
    return _plain(word) in _ANSWERED


def _plain(word: str) -> str:
    return word.strip().lower().replace("-", "").replace("_", "")
