"""What runs add up to, over HTTP: each run is counted once, whoever ends it, however often, and wherever they are killed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from functions.analytics import app as analytics
from functions.http.app import create_app
from functions.runs import app as runs
from offhook.analytics.metrics import Metric
from offhook.clock import to_iso
from offhook.json_types import JsonObject
from offhook.organizations.audit import AuditAction
from offhook.organizations.model import Organization, Scope
from offhook.organizations.usecases import create_key
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Direction, Run, RunStatus
from offhook.runs.ports import RunFilter
from tests.support.afterwards import FAIL, ScriptedModels, aftercall, an_agent, ended_run, talk
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.dynamodb_requests import requests
from tests.support.killing import KilledError, killed_at
from tests.support.makers import NOON, make_event
from tests.support.reaping import live, tick
from tests.support.rest import served

AGENT, OTHER_AGENT = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
HOUR = NOON.replace(minute=0, second=0, microsecond=0)
METRICS = [metric.value for metric in Metric]
ANY_RUN = RunFilter()
NO_RUNS = dict.fromkeys(
    ("total", "completed", "failed", "no_answer", "busy", "canceled", "inbound", "outbound", "web"), 0
)
DISPOSITIONS: JsonObject = {"dispositions": [{"code": "sold"}, {"code": "lost"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An operator's view of a backstage: the API in front of it, and its own key."""

    stage: Backstage
    http: httpx.Client

    def headers(self, organization_id: str = "", *scopes: Scope) -> dict[str, str]:
        organizations = self.stage.store.organizations
        organization_id = organization_id or self.stage.organization_id
        organizations.ensure(Organization(id=organization_id, created_at=NOON))
        _, key = create_key(organizations, organization_id, name="tests", scopes=scopes or None, now=NOON)
        return {"X-API-Key": key}

    def ask(self, metric: str, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        asked = {"metric": metric, "from": to_iso(HOUR), "to": to_iso(HOUR + timedelta(hours=2)), **query}
        reply = self.http.get("/api/v1/analytics", params=asked, headers=headers or self.headers())
        return reply.json() | {"http_status": reply.status_code}

    def totals(self, metric: str, **query: Any) -> dict[str, float | None]:
        totals: dict[str, float | None] = self.ask(metric, **query)["totals"]
        return totals


@pytest.fixture
def office(stage: Backstage) -> Iterator[Office]:
    app = create_app([*analytics.routers(stage.ports), *runs.routers(stage.ports)])
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield Office(stage=stage, http=http)


def a_call(stage: Backstage, **changes: Any) -> tuple[Run, list[LogEntry]]:
    """Return a call that a process holds and has just ended, with its log: two turns in half a minute."""
    run = stage.add_run(**{"agent_uuid": AGENT, **changes})
    owned = stage.store.runs.take_over(run, "streamer-1", stage.clock() + timedelta(seconds=15))
    owned = stage.store.runs.advance(owned, RunStatus.IN_PROGRESS)
    known: JsonObject = dict.fromkeys(("endpointing_ms", "recognition_ms", "synthesis_ms"), 100.0)
    log = [
        make_event(1, "status", stage.clock(), status="in_progress"),
        make_event(2, "metrics", NOON, turn=1, model_ms=300.0, voice_to_voice_ms=600.0, **known),
        make_event(3, "metrics", NOON, turn=2, model_ms=900.0, voice_to_voice_ms=1200.0, **known),
        make_event(4, "end", reason="user_hangup", disposition="user_hangup", duration_ms=30_000),
    ]
    stage.store.events.append(run.id, log)
    return owned, log


def end(stage: Backstage, **changes: Any) -> Run:
    """Hold a call for half a minute and end it."""
    run, log = a_call(stage, **changes)
    stage.clock.move(seconds=30)
    stage.ports.settler.settle(run, log)
    return stage.stored(run)


# --- once ---


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_killed_at_any_write_of_its_end_a_run_is_counted_once(office: Office, moment: str) -> None:
    stage = office.stage
    for number in count():
        run, log = a_call(stage)
        try:
            with killed_at(stage.store, number, moment):
                stage.ports.settler.settle(run, log)
        except KilledError:
            # Whoever is next: the reaper, which comes each minute.
            for _ in range(3):
                tick(stage, seconds=50)
        else:
            break
    assert live(stage) == frozenset()
    # One write of the row and one transaction: all that a run's end costs, with what it adds up to.
    assert number == 2
    for run in stage.store.runs.get_many([*stage.store.runs.ids(stage.organization_id, ANY_RUN)]):
        stage.ports.ender.follow_up(run)
    runs = number + 1
    assert (office.totals("runs")["total"], office.totals("latency")["turns"]) == (runs, 2 * runs)
    assert office.totals("minutes")["calls"] == runs
    assert office.totals("runs", agent_uuid=AGENT)["total"] == runs
    assert office.totals("dispositions") == {"user_hangup": runs}


def test_two_who_end_a_call_at_once_count_it_once_and_as_its_row_tells(office: Office) -> None:
    stage = office.stage
    run, log = a_call(stage)
    # The carrier's word, whose process is lost before it gives the place back.
    stage.store.runs.advance(run, RunStatus.FAILED)
    stage.ports.settler.settle(run, log)
    tick(stage)
    assert stage.stored(run).status is RunStatus.FAILED
    assert office.totals("runs") == {**NO_RUNS, "total": 1, "failed": 1, "outbound": 1}


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_killed_at_any_write_of_its_review_a_disposition_is_counted_once_and_as_the_model_chose(
    office: Office, moment: str
) -> None:
    stage = office.stage
    agent = an_agent(stage, settings=DISPOSITIONS)
    stage.ports.models = ScriptedModels([{"disposition": "sold", "reason": "They bought."}])
    follow = aftercall(stage)
    for number in count():
        run = ended_run(stage, agent, as_=RunStatus.COMPLETED, disposition="user_hangup")
        talk(stage, run, "Hello.", "I buy it.")
        assert office.totals("dispositions") == ({"sold": number} if number else {})
        try:
            with killed_at(stage.store, number, moment):
                follow(message(run.id), CONTEXT)
        except KilledError:
            for _ in range(2):
                stage.clock.move(minutes=3)
                follow(message(run.id), CONTEXT)
        else:
            break
    # The claim, the choice in the log, the row together with what is counted, and the ledger, which forgets the run.
    assert number == 4
    assert office.totals("dispositions") == {"sold": number + 1}
    assert office.totals("runs")["total"] == number + 1


def test_a_review_that_fails_leaves_the_disposition_that_there_was(office: Office) -> None:
    stage = office.stage
    stage.ports.models = ScriptedModels([FAIL])
    run = ended_run(
        stage, an_agent(stage, settings=DISPOSITIONS), as_=RunStatus.COMPLETED, disposition="user_hangup"
    )
    talk(stage, run, "Hello.", "Hm.")
    follow = aftercall(stage)
    for counted in ({}, {}, {"user_hangup": 1}, {"user_hangup": 1}):
        follow(message(run.id), CONTEXT)
        stage.clock.move(minutes=3)
        assert office.totals("dispositions") == counted


@pytest.mark.parametrize("way", ["review", "delete"])
def test_what_comes_between_a_lost_process_and_the_reaper_loses_no_count(office: Office, way: str) -> None:
    stage = office.stage
    agent = an_agent(stage, {"id": "check", "type": "qa", "data": {"name": "Quality"}})
    run = stage.add_run(agent_uuid=agent.uuid)
    over = stage.store.runs.advance(replace(run, disposition="busy"), RunStatus.BUSY)
    if way == "delete":
        stage.ports.remover.remove(over, AuditAction.RUN_DELETED, stage.clock())
    else:
        reply = office.http.post(f"/api/v1/runs/{run.id}/qa", headers=office.headers())
        assert reply.status_code == 202
        aftercall(stage)(message(run.id), CONTEXT)
    tick(stage, minutes=3)
    assert live(stage) == frozenset()
    assert office.totals("runs")["total"] == 1
    assert office.totals("dispositions") == {"busy": 1}


# --- what is told ---

COST: JsonObject = {
    "total_usd": 0.03,
    "stt_usd": 0.01,
    "llm_usd": 0.02,
    "tts_usd": None,
    "unpriced": ["a-voice"],
}


def a_day(stage: Backstage) -> None:
    """Have an answered call at noon, one to a busy number, an incoming one of another agent, and one with a draft."""
    end(stage, answered_by="person")
    stage.ports.ender.end(stage.add_run(agent_uuid=AGENT), RunStatus.BUSY)
    stage.clock.now = HOUR + timedelta(minutes=59, seconds=50)
    end(stage, agent_uuid=OTHER_AGENT, direction=Direction.INBOUND)
    end(stage, is_draft=True)


def test_each_metric_is_told_by_hour_and_in_all(office: Office) -> None:
    a_day(office.stage)
    told = {metric: office.ask(metric, by="hour") for metric in METRICS}
    starts = [int(HOUR.timestamp()), int(HOUR.timestamp()) + 3600]
    assert all(each["starts"] == starts and each["agents"] == [] for each in told.values())
    some = {"total": [3, 0], "completed": [2, 0], "busy": [1, 0], "inbound": [1, 0], "outbound": [2, 0]}
    assert told["runs"]["series"] == {name: some.get(name, [0, 0]) for name in NO_RUNS}
    assert told["dispositions"]["series"] == {"user_hangup": [2, 0]}
    assert told["answer_rate"]["series"]["rate"] == [0.5, None]
    assert told["answer_rate"]["totals"] == {
        "dialled": 2,
        "answered": 1,
        "person": 1,
        "machine": 0,
        "rate": 0.5,
        "person_rate": 0.5,
    }
    assert told["minutes"]["series"] == {
        "minutes": [1.0, 0],
        "calls": [2, 0],
        "average_seconds": [30.0, None],
    }
    # Whoever talks at ten seconds to one holds a place at one.
    assert told["concurrency"]["series"]["peak"] == [1, 1]
    assert told["concurrency"]["totals"]["peak"] == 1
    latency = told["latency"]["totals"]
    assert latency["turns"] == 4
    assert latency["p50_ms"] == pytest.approx(600, rel=0.05)
    assert latency["model_p95_ms"] == pytest.approx(900, rel=0.05)
    assert latency["playout_p95_ms"] is None
    assert told["latency"]["series"]["p95_ms"][1] is None


def test_agents_are_told_one_by_one_or_one_alone(office: Office) -> None:
    a_day(office.stage)
    told = office.ask("runs", by="agent")
    assert (told["agents"], told["series"]["total"]) == ([AGENT, OTHER_AGENT], [2, 1])
    assert told["totals"]["total"] == 3
    for by in ("hour", "day"):
        one = office.ask("latency", by=by, agent_uuid=OTHER_AGENT)
        assert one["totals"]["turns"] == one["series"]["turns"][0] == 2
    assert office.ask("concurrency", by="agent")["series"]["peak"] == [None, None]


def test_what_a_call_cost_is_told_by_part(office: Office) -> None:
    stage = office.stage
    run, log = a_call(stage)
    final = replace(stage.ports.settler.final_run(run, log), cost=COST)
    assert run.ownership is not None
    stage.ports.ender.finish(final, run.ownership)
    assert office.totals("cost") == {
        "total_usd": 0.03,
        "stt_usd": 0.01,
        "llm_usd": 0.02,
        "tts_usd": 0,
        "infrastructure_usd": 0,
        "other_usd": 0,
        "unpriced_runs": 1,
    }


def test_an_answer_costs_one_query_however_many_runs_there_were(office: Office) -> None:
    stage, headers = office.stage, office.headers()
    for _ in range(5):
        stage.ports.ender.end(stage.add_run(agent_uuid=AGENT), RunStatus.BUSY)
    days = to_iso(HOUR - timedelta(days=90))
    # The first use of a key in a minute is noted.
    office.ask("runs", headers=headers)
    queries: list[dict[str, Any]] = [
        {"by": "hour"},
        {"by": "day", "from": days},
        {"by": "agent"},
        {"from": days},
    ]
    for query in queries:
        with requests(stage.store) as sent:
            assert office.ask("runs", headers=headers, **query)["totals"]["total"] == 5
        assert sent == ["GetItem", "Query"]
    with requests(stage.store) as sent:
        office.ask("runs", headers=headers, by="day", agent_uuid=AGENT, **{"from": days})
    assert sent == ["GetItem", "BatchGetItem"]


def test_another_organization_sees_none_of_it(office: Office) -> None:
    end(office.stage)
    stranger = office.headers("stranger")
    queries: list[dict[str, Any]] = [{}, {"by": "agent"}, {"agent_uuid": AGENT}]
    for query in queries:
        told = office.ask("runs", headers=stranger, **query)
        assert (told["totals"]["total"], told["agents"]) == (0, [])


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"metric": "luck"}, "metric"),
        ({"by": "minute"}, "by"),
        ({"from": "2026-11-01T00:00:00Z", "by": "hour"}, "from"),
        ({"from": "2026-08-01T00:00:00Z", "by": "day"}, "from"),
        ({"from": "2026-10-01T00:00:00Z", "by": "agent"}, "from"),
        ({"from": "2026-08-01T00:00:00Z"}, "from"),
        ({"from": "2026-11-20T15:00:00Z"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "9999-12-31T23:00:00Z", "to": "9999-12-31T23:59:59Z"}, "to"),
        ({"by": "agent", "agent_uuid": AGENT}, "agent_uuid"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_to_do(
    office: Office, query: dict[str, Any], where: str
) -> None:
    told = office.ask(query.pop("metric", "runs"), **query)
    assert told["http_status"] == 422
    assert [problem["loc"] for problem in told["errors"]] == [["query", where]]
    assert told["errors"][0]["msg"].endswith(".")
