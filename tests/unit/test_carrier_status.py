"""The carrier's words, in both of its vocabularies."""

import pytest

from offhook.runs.carrier_status import status_of_word
from offhook.runs.model import RunStatus


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("initiated", "queued"), RunStatus.DIALING),
        (("ringing", "answer", "answered", "connected", "in-progress"), RunStatus.RINGING),
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
