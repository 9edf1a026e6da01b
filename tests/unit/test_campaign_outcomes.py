"""What an attempt has come to, as far as another one may follow it."""

from typing import Any

import pytest

from offhook.campaigns.model import RetryOutcome
from offhook.campaigns.outcomes import outcome_of
from offhook.runs.end_reasons import EndReason
from offhook.runs.model import RunError, RunStatus
from tests.support.makers import make_run


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"status": RunStatus.BUSY}, RetryOutcome.BUSY),
        ({"status": RunStatus.NO_ANSWER}, RetryOutcome.NO_ANSWER),
        ({"status": RunStatus.FAILED}, RetryOutcome.FAILED),
        ({"status": RunStatus.COMPLETED, "answered_by": "voicemail"}, RetryOutcome.VOICEMAIL),
        ({"status": RunStatus.COMPLETED, "end_reason": EndReason.VOICEMAIL}, RetryOutcome.VOICEMAIL),
        ({"status": RunStatus.COMPLETED, "answered_by": "person"}, None),
        ({"status": RunStatus.CANCELED}, None),
        ({"status": RunStatus.FAILED, "error": RunError(code="do-not-call", message="No.")}, None),
        (
            {"status": RunStatus.FAILED, "error": RunError(code="destination-not-allowed", message="No.")},
            None,
        ),
    ],
)
def test_what_was_refused_for_good_or_talked_to_is_not_called_again(
    told: dict[str, Any], outcome: RetryOutcome | None
) -> None:
    assert outcome_of(make_run(**told)) is outcome
