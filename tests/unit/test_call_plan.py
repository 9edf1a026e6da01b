"""How long a call may last: from its answer, whatever stream it is on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.agents.model import Version, VersionStatus
from streamer.record.call_plan import CallPlan
from streamer.record.prepared import PreparedVersions
from tests.support.calls import APPOINTMENT
from tests.support.makers import NOON, make_run

VERSION = Version(
    agent_uuid="a",
    number=1,
    status=VersionStatus.PUBLISHED,
    workflow_definition=APPOINTMENT,
    settings={"max_call_duration_seconds": 300},
    created_at=NOON,
)


def plan(answered_seconds_ago: float | None) -> CallPlan:
    answered_at = None if answered_seconds_ago is None else NOON - timedelta(seconds=answered_seconds_ago)
    return CallPlan(
        run=make_run(answered_at=answered_at),
        prepared=PreparedVersions().get(VERSION),
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


def test_a_version_is_prepared_once_and_a_draft_each_time() -> None:
    versions = PreparedVersions()
    assert versions.get(VERSION) is versions.get(replace(VERSION))
    draft = replace(VERSION, status=VersionStatus.DRAFT)
    assert versions.get(draft) is not versions.get(draft)
