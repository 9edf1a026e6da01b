"""The carrier's words, in both of its vocabularies."""

import pytest

from offhook.adapters.cloudonix.statuses import status_of_disposition, status_of_word
from offhook.runs.model import RunStatus


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("new", "initiated", "queued", "processing"), RunStatus.DIALING),
        (("ringing", "answer", "answered", "connected", "external", "in-progress"), RunStatus.RINGING),
        (("completed", "Completed "), RunStatus.COMPLETED),
        (("noanswer", "no-answer", "NOANSWER", "no_answer"), RunStatus.NO_ANSWER),
        (("cancel", "canceled", "cancelled", "CANCEL"), RunStatus.CANCELED),
        (("busy", "BUSY"), RunStatus.BUSY),
        (("failed", "error", "congestion", "nocredit"), RunStatus.FAILED),
        (("", "sleeping", "unknown"), None),
    ],
)
def test_both_spellings_mean_the_same(words: tuple[str, ...], status: RunStatus | None) -> None:
    assert {status_of_word(word) for word in words} == {status}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("ANSWER", "answered", "completed"), RunStatus.COMPLETED),
        (("NOANSWER", "no-answer"), RunStatus.NO_ANSWER),
        (("BUSY",), RunStatus.BUSY),
        (("CANCEL", "canceled"), RunStatus.CANCELED),
        (("FAILED", "CONGESTION", "nocredit"), RunStatus.FAILED),
        (("", "ringing", "connected", "queued", "SLEEPING"), None),
    ],
)
def test_a_disposition_says_how_a_call_ended(words: tuple[str, ...], status: RunStatus | None) -> None:
    assert {status_of_disposition(word) for word in words} == {status}
