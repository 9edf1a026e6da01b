"""Old calls judged anew over HTTP: by the checks of the published version, once however often that is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.install.rest import create_rest
from offhook.json_types import JsonObject
from offhook.organizations.model import Organization, Scope
from offhook.organizations.usecases import create_key
from offhook.runs.model import ReviewStatus, Run, RunStatus
from tests.support.afterwards import (
    DONE,
    START,
    ScriptedModels,
    aftercall,
    an_agent,
    ended_run,
    talk,
    webhook,
)
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.callback_receiver import callback_receiver
from tests.support.rest import served

GOOD: JsonObject = {"summary": "Fine.", "score": 8, "sentiment": "neutral"}
BETTER: JsonObject = {"summary": "Better.", "score": 9, "sentiment": "positive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoor:
    """The API in front of a backstage."""

    stage: Backstage
    http: httpx.Client

    def headers(self, *scopes: Scope, organization_id: str = "") -> dict[str, str]:
        organization_id = organization_id or self.stage.organization_id
        organizations, now = self.stage.store.organizations, self.stage.clock()
        organizations.ensure(Organization(id=organization_id, created_at=now))
        _, key = create_key(organizations, organization_id, name="tests", scopes=scopes or None, now=now)
        return {"X-API-Key": key}

    def review(self, run: Run, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        reply = self.http.post(f"/api/v1/runs/{run.id}/qa", headers=headers or self.headers())
        return reply.status_code, reply.json()

    def shown(self, run: Run) -> Any:
        return self.http.get(f"/api/v1/runs/{run.id}", headers=self.headers()).json()


@pytest.fixture
def door(stage: Backstage) -> Iterator[FrontDoor]:
    with served(create_rest(stage.ports)) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield FrontDoor(stage=stage, http=http)


def check(id_: str = "check", **data: Any) -> JsonObject:
    return {"id": id_, "type": "qa", "data": {"name": "Quality", **data}}


def an_old_call(stage: Backstage, *nodes: JsonObject, seconds: float = 35, **changes: Any) -> Run:
    """Return a call of long ago that was never judged."""
    usage = {"call_duration_seconds": seconds, "stt_seconds": 0, "tts_characters": 0}
    tokens = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0)
    run = ended_run(
        stage,
        an_agent(stage, *nodes),
        **{
            "as_": RunStatus.COMPLETED,
            "review": None,
            "usage": {**usage, "llm": tokens},
            "created_at": stage.clock() - timedelta(days=90),
            **changes,
        },
    )
    talk(stage, run, "Hello.", "Hi.")
    return run


def follow(stage: Backstage, run: Run, models: ScriptedModels) -> None:
    stage.ports.models = models
    assert aftercall(stage)(message(run.id), CONTEXT) == DONE


def test_an_old_call_is_judged_where_it_is_asked_for(door: FrontDoor) -> None:
    stage = door.stage
    run = an_old_call(stage, check())
    status, asked = door.review(run)
    assert status == 202
    assert asked["review"] == {"status": "pending", "attempts": 0, "last_attempt_at": None}
    assert stage.aftercalls.sent == [(run.id, 0)]
    assert run.id in stage.store.ledgers.get(stage.organization_id).owed
    follow(stage, run, ScriptedModels([GOOD]))
    shown = door.shown(run)
    assert (shown["review"]["status"], shown["review"]["attempts"]) == ("done", 1)
    assert shown["annotations"]["qa_check"]["score"] == 8
    assert stage.store.ledgers.get(stage.organization_id).owed == frozenset()


def test_asking_twice_judges_once_and_asking_later_judges_anew(door: FrontDoor) -> None:
    stage = door.stage
    run, models = an_old_call(stage, check()), ScriptedModels([GOOD, BETTER])
    assert [door.review(run)[0] for _ in range(3)] == [202] * 3
    assert stage.aftercalls.sent == [(run.id, 0)]
    for _ in range(2):
        follow(stage, run, models)
    assert len(models.requests) == 1
    stage.clock.move(hours=1)
    door.review(run)
    assert door.shown(run)["annotations"]["qa_check"]["score"] == 8
    follow(stage, run, models)
    assert door.shown(run)["annotations"]["qa_check"]["score"] == 9


def test_an_answer_that_was_lost_is_given_again_to_its_key(door: FrontDoor) -> None:
    stage = door.stage
    run, headers = an_old_call(stage, check()), {**door.headers(), "Idempotency-Key": "judge-once"}
    first = door.review(run, headers)
    follow(stage, run, ScriptedModels([GOOD]))
    assert door.review(run, headers) == first
    assert stage.aftercalls.sent == [(run.id, 0)]


def test_what_is_asked_for_is_judged_whatever_the_check_leaves_out(door: FrontDoor) -> None:
    stage = door.stage
    run = an_old_call(stage, check(qa_sample_rate=0), seconds=3, answered_by="voicemail")
    door.review(run)
    follow(stage, run, ScriptedModels([GOOD]))
    assert door.shown(run)["annotations"]["qa_check"]["score"] == 8


def test_the_published_version_judges_calls_of_before_it_had_checks(door: FrontDoor) -> None:
    stage, headers = door.stage, door.headers()
    run = an_old_call(stage)
    assert door.review(run)[1]["code"] == "no-checks"
    path = f"/api/v1/agents/{run.agent_uuid}"
    definition = {"nodes": [START, check("newer")], "edges": []}
    assert door.http.put(
        path, json={"name": "A", "workflow_definition": definition}, headers=headers
    ).is_success
    assert door.http.post(f"{path}/publish", headers=headers).is_success
    assert door.review(run)[0] == 202
    follow(stage, run, ScriptedModels([GOOD]))
    assert door.shown(run)["annotations"]["qa_newer"]["score"] == 8


def test_nothing_is_sent_again_for_a_call_that_is_judged_anew(door: FrontDoor) -> None:
    stage = door.stage
    with callback_receiver() as receiver:
        run = an_old_call(stage, check(), webhook(receiver.url))
        follow(stage, run, ScriptedModels([GOOD]))
        receiver.next_delivery()
        door.review(run)
        follow(stage, run, ScriptedModels([GOOD]))
        assert receiver.deliveries.empty()


def test_a_review_whose_message_was_lost_is_found_by_the_reaper(door: FrontDoor) -> None:
    stage = door.stage
    run = an_old_call(stage, check())
    door.review(run)
    stage.aftercalls.sent.clear()
    stage.clock.move(minutes=21)
    stage.reaper.tick()
    assert stage.aftercalls.sent == [(run.id, 0)]


def test_a_call_that_is_not_over_is_not_judged(door: FrontDoor) -> None:
    live = door.stage.add_run(RunStatus.RINGING)
    status, problem = door.review(live)
    assert (status, problem["code"]) == (409, "run-state")
    assert door.stage.stored(live).review is None


def test_a_call_without_checks_says_what_to_do(door: FrontDoor) -> None:
    status, problem = door.review(an_old_call(door.stage, check(qa_enabled=False)))
    assert (status, problem["code"]) == (409, "no-checks")
    assert "publish" in problem["detail"]


def test_only_who_may_write_runs_has_them_judged_and_only_its_own(door: FrontDoor) -> None:
    run = an_old_call(door.stage, check())
    assert door.review(run, door.headers(Scope.RUNS_READ))[0] == 403
    assert door.review(run, door.headers(organization_id=f"{door.stage.organization_id}-b"))[0] == 404
    assert door.stage.stored(run).review is None


def test_two_who_ask_at_once_are_both_told_that_it_is_under_way(door: FrontDoor) -> None:
    stage = door.stage
    run = an_old_call(stage, check())
    door.review(run)
    judged = stage.stored(run)
    assert judged.review is not None
    stage.store.runs.note_review(judged, replace(judged, review=replace(judged.review, attempts=1)))
    status, shown = door.review(run)
    assert (status, shown["review"]["status"]) == (202, ReviewStatus.PENDING)
