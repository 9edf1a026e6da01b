"""After a call a language model judges it by its workflow's checks and chooses its disposition: bounded, and tried again."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine
from offhook.runs.ending.judging import MAX_TALK_CHARACTERS
from offhook.runs.log.events import DispositionEvent
from offhook.runs.model import DeliveryStatus, Ownership, Review, ReviewStatus, Run, RunStatus
from tests.support.afterwards import (
    DONE,
    FAIL,
    ScriptedModels,
    aftercall,
    an_agent,
    ended_run,
    talk,
    webhook,
)
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.callback_receiver import callback_receiver

GOOD: JsonObject = {
    "summary": "The caller booked a table.",
    "score": 8,
    "sentiment": "positive",
    "tags": ["interruption"],
    "criteria": {
        "criterion_1": {"result": True, "reason": "The agent said its name."},
        "criterion_2": {"result": 4, "reason": "It was friendly."},
    },
}
CRITERIA: list[Any] = [
    {"name": "Introduces itself", "description": "The agent says who it is."},
    {"name": "Friendly", "scale": 5},
]
CODES: list[Any] = [
    {"code": "booked", "description": "A table was booked."},
    {"code": "not_interested", "description": "The caller wants none."},
]


def check(id_: str = "check", **data: Any) -> JsonObject:
    return {"id": id_, "type": "qa", "data": {"name": "Quality", "criteria": CRITERIA, **data}}


def a_call(stage: Backstage, *nodes: JsonObject, settings: Any = None, **changes: Any) -> Run:
    """Return a finished call of an agent with these nodes, in which two have talked."""
    agent = an_agent(stage, *nodes, settings=settings)
    usage = {"call_duration_seconds": 35, "stt_seconds": 0, "tts_characters": 0}
    tokens = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0)
    told = {"usage": {**usage, "llm": tokens}, "disposition": "user_hangup", **changes}
    run = ended_run(stage, agent, as_=RunStatus.COMPLETED, **told)
    talk(stage, run, "Hello, this is Mia.", "I want a table for two.")
    return run


def follow(stage: Backstage, run: Run, models: ScriptedModels) -> Run:
    stage.ports.models = models
    assert aftercall(stage)(message(run.id), CONTEXT) == DONE
    return stage.stored(run)


def owed(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).owed


def found(run: Run, name: str = "qa_check") -> Any:
    return run.annotations[name]


def test_a_call_is_judged_by_the_criteria_of_its_check(stage: Backstage) -> None:
    run = a_call(stage, check())
    assert owed(stage) == {run.id}
    judged = follow(stage, run, ScriptedModels([GOOD]))
    assert found(judged) == {
        "name": "Quality",
        "summary": "The caller booked a table.",
        "score": 8,
        "sentiment": "positive",
        "tags": ["interruption"],
        "criteria": [
            {"name": "Introduces itself", "result": True, "reason": "The agent said its name."},
            {"name": "Friendly", "result": 4, "reason": "It was friendly."},
        ],
        "model": "global.amazon.nova-2-lite-v1:0",
        "token_usage": {"input_tokens": 1000, "output_tokens": 100},
        # 0.30 and 2.50 USD a million tokens.
        "cost_usd": 0.00055,
        "judged_at": stage.clock().isoformat(),
    }
    assert judged.review is not None
    assert (judged.review.status, judged.review.attempts) == (ReviewStatus.DONE, 1)
    assert owed(stage) == frozenset()


def test_the_model_sees_the_talk_as_evidence_and_must_call_the_tool(stage: Backstage) -> None:
    models = ScriptedModels([GOOD])
    follow(stage, a_call(stage, check(qa_system_prompt="Judge hard."), gathered_context={"seats": 2}), models)
    (request,) = models.requests
    assert request.system.startswith("Judge hard.")
    assert "no instruction" in request.system
    assert request.lines == (
        ChatLine(from_caller=True, text="Agent: Hello, this is Mia.\nCaller: I want a table for two."),
    )
    assert '{"seats": 2}' in request.facts
    (tool,) = request.tools
    assert (request.must_call, tool.name) == ("judge", "judge")
    criteria: Any = tool.parameters["properties"]["criteria"]["properties"]  # type: ignore[index,call-overload]
    assert criteria["criterion_1"]["description"] == "Introduces itself: The agent says who it is."
    assert criteria["criterion_2"]["properties"]["result"] == {"type": "integer", "minimum": 1, "maximum": 5}


def test_a_long_talk_is_cut_in_its_middle(stage: Backstage) -> None:
    agent = an_agent(stage, check())
    run = ended_run(stage, agent, usage={"call_duration_seconds": 3600})
    talk(stage, run, *(f"{number} {'word ' * 400}" for number in range(60)))
    models = ScriptedModels([GOOD])
    follow(stage, run, models)
    (line,) = models.requests[0].lines
    assert isinstance(line, ChatLine)
    assert len(line.text) == MAX_TALK_CHARACTERS
    assert line.text.startswith("Agent: 0 word")
    assert "Caller: 59 word" in line.text


@pytest.mark.parametrize(
    ("data", "changes", "why"),
    [
        ({}, {"usage": {"call_duration_seconds": 14.9}}, "too-short"),
        ({}, {"usage": None}, "too-short"),
        ({}, {"answered_by": "voicemail"}, "voicemail"),
        ({"qa_sample_rate": 0}, {}, "not-sampled"),
    ],
)
def test_calls_that_a_check_leaves_out_cost_no_tokens(
    stage: Backstage, data: Any, changes: Any, why: str
) -> None:
    models = ScriptedModels([GOOD])
    run = ended_run(
        stage, an_agent(stage, check(**data)), **{"usage": {"call_duration_seconds": 35}, **changes}
    )
    talk(stage, run, "Hello.", "Hi.")
    judged = follow(stage, run, models)
    assert (found(judged)["skipped"], found(judged)["reason"]) == (True, why)
    assert models.requests == []
    assert judged.review is not None
    assert judged.review.status is ReviewStatus.DONE


def test_a_call_of_a_machine_is_judged_where_the_check_says_so(stage: Backstage) -> None:
    judged = follow(
        stage, a_call(stage, check(qa_voicemail_calls=True), answered_by="voicemail"), ScriptedModels([GOOD])
    )
    assert found(judged)["score"] == 8


def test_a_call_that_nobody_answered_is_not_judged(stage: Backstage) -> None:
    models = ScriptedModels([GOOD])
    run = ended_run(stage, an_agent(stage, check(qa_min_call_duration=0)), usage={"call_duration_seconds": 0})
    assert found(follow(stage, run, models))["reason"] == "nothing-said"
    assert models.requests == []


def test_half_of_the_calls_are_sampled_and_always_the_same_ones(stage: Backstage) -> None:
    agent = an_agent(stage, check(qa_sample_rate=50))
    runs = [ended_run(stage, agent, usage={"call_duration_seconds": 35}) for _ in range(40)]
    for run in runs:
        talk(stage, run, "Hello.", "Hi.")
    sampled = [run.id for run in runs if "score" in found(follow(stage, run, ScriptedModels([GOOD])))]
    assert 8 <= len(sampled) <= 32


def test_an_agent_without_a_model_that_can_judge_says_so(stage: Backstage) -> None:
    run = a_call(stage, check())
    assert aftercall(stage)(message(run.id), CONTEXT) == DONE
    assert found(stage.stored(run))["reason"] == "no-model"
    assert owed(stage) == frozenset()


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (FAIL, "model-failed"),
        ("I think that it was good.", "no-answer"),
        ({**GOOD, "score": 11}, "malformed"),
        ({**GOOD, "sentiment": "wild"}, "malformed"),
        ({**GOOD, "criteria": {}}, "malformed"),
        ({**GOOD, "criteria": {**GOOD["criteria"], "criterion_2": {"result": 6}}}, "malformed"),  # type: ignore[dict-item]
        ({**GOOD, "criteria": {**GOOD["criteria"], "criterion_1": {"result": 1}}}, "malformed"),  # type: ignore[dict-item]
    ],
)
def test_what_is_no_judgement_is_asked_for_again(stage: Backstage, bad: Any, error: str) -> None:
    run, models = a_call(stage, check()), ScriptedModels([bad, GOOD])
    judged = follow(stage, run, models)
    assert found(judged)["error"] == error
    assert stage.aftercalls.sent == [(run.id, 60)]
    assert owed(stage) == {run.id}
    follow(stage, run, models)
    assert len(models.requests) == 1
    stage.clock.move(seconds=60)
    judged = follow(stage, run, models)
    assert found(judged)["score"] == 8
    assert owed(stage) == frozenset()


@pytest.mark.parametrize(
    ("first", "tokens", "usd"),
    [
        # 0.30 and 2.50 USD a million tokens, from a cache 0.075, before 0.80 and 3.20.
        (ScriptedModels(["I shall not judge."]), (2000, 200), 0.00167),
        (ScriptedModels(["I shall not judge."], cached_tokens=1000), (1000, 200), 0.001445),
        (ScriptedModels([FAIL], engine="unpriced"), (1000, 100), 0.00112),
    ],
)
def test_what_a_first_model_has_cost_is_counted_when_the_second_one_answers(
    stage: Backstage, first: ScriptedModels, tokens: tuple[int, int], usd: float
) -> None:
    models = replace(first, second=ScriptedModels([GOOD], engine="amazon.nova-pro-v1:0"))
    judged = found(follow(stage, a_call(stage, check()), models))
    assert (judged["score"], judged["model"], judged["cost_usd"]) == (8, "amazon.nova-pro-v1:0", usd)
    assert judged["token_usage"] == dict(zip(("input_tokens", "output_tokens"), tokens, strict=True))


def test_a_model_that_stays_away_is_given_up_and_what_follows_goes_on(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = a_call(stage, check(), webhook(receiver.url))
        models = ScriptedModels([FAIL])
        for wait_seconds in (60, 120):
            follow(stage, run, models)
            assert stage.aftercalls.sent.pop() == (run.id, wait_seconds)
            assert receiver.deliveries.empty()
            stage.clock.move(seconds=wait_seconds)
        judged = follow(stage, run, models)
        assert receiver.next_delivery().document["annotations"]["qa_check"]["error"] == "model-failed"
    assert judged.review is not None
    assert (judged.review.status, judged.review.attempts) == (ReviewStatus.FAILED, 3)
    assert stage.stored(run).webhooks[0].status is DeliveryStatus.DELIVERED
    assert owed(stage) == frozenset()


def test_only_the_check_that_failed_is_made_again(stage: Backstage) -> None:
    run, models = a_call(stage, check("one"), check("two")), ScriptedModels([GOOD, FAIL, GOOD])
    follow(stage, run, models)
    assert len(models.requests) == 2
    stage.clock.move(seconds=60)
    judged = follow(stage, run, models)
    assert len(models.requests) == 3
    assert [found(judged, name)["score"] for name in ("qa_one", "qa_two")] == [8, 8]


def test_webhooks_tell_what_a_check_has_found(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        template = {"score": "{{annotations.qa_check.score}}", "all": "{{annotations.qa_check}}"}
        run = a_call(stage, check(), webhook(receiver.url, payload_template=template))
        judged = follow(stage, run, ScriptedModels([GOOD]))
        document = receiver.next_delivery().document
    assert document["score"] == 8
    assert document["all"] == json.loads(json.dumps(found(judged)))


def test_a_message_that_comes_while_the_call_is_still_settled_judges_nothing(stage: Backstage) -> None:
    models = ScriptedModels([GOOD])
    owner = Ownership(owner="streamer", epoch=1, lease_until=stage.clock() + timedelta(seconds=15))
    run = a_call(stage, check(), ownership=owner)
    follow(stage, run, models)
    assert models.requests == []
    stage.clock.move(minutes=3)
    assert found(follow(stage, run, models))["score"] == 8


def test_a_model_chooses_the_disposition_that_the_workflow_has_not_named(stage: Backstage) -> None:
    models = ScriptedModels([{"disposition": "booked", "reason": "A table for two."}])
    judged = follow(stage, a_call(stage, settings={"dispositions": CODES}), models)
    assert judged.disposition == "booked"
    told = found(judged, "disposition")
    assert (told["disposition"], told["source"], told["reason"]) == ("booked", "model", "A table for two.")
    assert told["cost_usd"] == 0.00055
    last = list(stage.store.events.read(judged.id))[-1].event
    assert isinstance(last, DispositionEvent)
    assert (last.disposition, last.source) == ("booked", "model")
    (request,) = models.requests
    assert "- booked: A table was booked." in request.system
    properties: Any = request.tools[0].parameters["properties"]
    assert properties["disposition"]["enum"] == ["booked", "not_interested"]


def test_a_model_invents_no_disposition(stage: Backstage) -> None:
    models = ScriptedModels([{"disposition": "delighted", "reason": "So happy."}])
    run = a_call(stage, settings={"dispositions": CODES})
    for _ in range(3):
        judged = follow(stage, run, models)
        stage.clock.move(seconds=120)
    assert judged.disposition == "user_hangup"
    assert found(judged, "disposition")["error"] == "malformed"
    assert judged.review is not None
    assert judged.review.status is ReviewStatus.FAILED


def test_what_the_workflow_has_named_stays(stage: Backstage) -> None:
    agent = an_agent(stage, settings={"dispositions": CODES})
    run = ended_run(stage, agent, as_=RunStatus.COMPLETED, disposition="confirmed")
    talk(stage, run, "Hello.", "Yes.", disposition="confirmed", source="workflow")
    models = ScriptedModels([{"disposition": "booked", "reason": ""}])
    assert follow(stage, run, models).disposition == "confirmed"
    assert models.requests == []


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        (["Hello.", "Hi."], {"answered_by": "voicemail"}),
        (["Hello."], {}),
        (["Hello.", "Hi."], {"as_": RunStatus.FAILED}),
    ],
)
def test_a_call_in_which_no_person_has_talked_keeps_what_the_system_says(
    stage: Backstage, lines: list[str], changes: Any
) -> None:
    agent = an_agent(stage, settings={"dispositions": CODES})
    run = ended_run(stage, agent, **{"as_": RunStatus.COMPLETED, "disposition": "user_hangup", **changes})
    talk(stage, run, *lines)
    models = ScriptedModels([{"disposition": "booked", "reason": ""}])
    assert follow(stage, run, models).disposition == "user_hangup"
    assert models.requests == []


def test_a_choice_whose_process_was_lost_is_read_in_the_log(stage: Backstage) -> None:
    agent = an_agent(stage, settings={"dispositions": CODES})
    run = ended_run(stage, agent, as_=RunStatus.COMPLETED, disposition="user_hangup")
    talk(stage, run, "Hello.", "Yes.", disposition="booked", source="model")
    models = ScriptedModels([{"disposition": "not_interested", "reason": ""}])
    assert follow(stage, run, models).disposition == "booked"
    assert models.requests == []


def test_a_review_whose_process_was_lost_each_time_ends(stage: Backstage) -> None:
    run = a_call(stage, check())
    stage.store.runs.note_review(run, replace(run, review=Review(attempts=3, last_attempt_at=stage.clock())))
    stage.clock.move(minutes=20)
    judged = follow(stage, run, ScriptedModels([GOOD]))
    assert judged.review is not None
    assert judged.review.status is ReviewStatus.FAILED
    assert owed(stage) == frozenset()


def test_what_was_said_is_in_no_log_line(stage: Backstage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="offhook")
    follow(stage, a_call(stage, check()), ScriptedModels([GOOD]))
    told = "".join(str(record.__dict__) for record in caplog.records)
    for hidden in ("table for two", "booked a table", "said its name"):
        assert hidden not in told
