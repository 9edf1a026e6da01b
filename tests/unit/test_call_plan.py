"""How long a call may last: from its answer, whatever stream it is on."""

from datetime import timedelta

import pytest

from offhook.agents.settings import parse_settings
from offhook.workflows import parse_workflow
from streamer.record.call_plan import CallPlan
from tests.support.calls import APPOINTMENT
from tests.support.makers import NOON, make_run


def plan(answered_seconds_ago: float | None) -> CallPlan:
    answered_at = None if answered_seconds_ago is None else NOON - timedelta(seconds=answered_seconds_ago)
    return CallPlan(
        run=make_run(answered_at=answered_at),
        workflow=parse_workflow(APPOINTMENT),
        settings=parse_settings({"max_call_duration_seconds": 300}),
        account=None,
        call_id=None,
        clock=lambda: NOON,
    )


@pytest.mark.parametrize(
    ("answered_seconds_ago", "left_seconds"),
    [(None, 360), (0, 360), (100, 260), (360, 0), (9000, 0), (-5, 360)],
)
def test_a_stream_that_comes_later_has_less_time_left(
    answered_seconds_ago: float | None, left_seconds: float
) -> None:
    assert plan(answered_seconds_ago).max_duration_s == left_seconds
