"""Calls judged through the real clients of language models, on servers that say what a script tells them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from local.aws.speech.signatures import Account
from local.models.script import Fault, Kind, Reply, Rule, Tool, Usage, When
from offhook.adapters.models.by_engine import InstalledModels
from offhook.agents.offered import Offered
from offhook.json_types import JsonObject
from offhook.runs.model import ReviewStatus, Run, RunStatus
from tests.support.afterwards import DONE, aftercall, an_agent, ended_run, talk
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.models import BEDROCK_MODEL, CHAT_MODEL, ModelTown, model_town

JUDGEMENT: JsonObject = {"summary": "A table was booked.", "score": 8, "sentiment": "positive", "tags": []}
CHOICE: JsonObject = {"disposition": "booked", "reason": "A table for two."}
CHECK: JsonObject = {"id": "check", "type": "qa", "data": {"name": "Quality"}}
ENGINES = ["openai", "bedrock"]


def answering(tool: str, arguments: Any, **more: Any) -> Rule:
    usage = Usage(input_tokens=700, output_tokens=50)
    reply = Reply(parts=(Tool(name=tool, arguments=arguments),), usage=usage, **more)
    return Rule(when=When(must_call=tool), reply=reply)


def failing(tool: str) -> Rule:
    rule = answering(tool, {}, fault=Fault(kind=Kind.UNAVAILABLE))
    return rule.model_copy(update={"times": 1})


def a_call(stage: Backstage, engine: str) -> Run:
    settings: JsonObject = {"model": engine, "dispositions": [{"code": "booked", "description": "A table."}]}
    agent = an_agent(stage, CHECK, settings=settings)
    usage: JsonObject = {"call_duration_seconds": 35}
    run = ended_run(stage, agent, as_=RunStatus.COMPLETED, disposition="user_hangup", usage=usage)
    talk(stage, run, "Hello.", "A table for two, please.")
    return run


def follow(stage: Backstage, run: Run) -> Run:
    assert aftercall(stage)(message(run.id), CONTEXT) == DONE
    return stage.stored(run)


@asynccontextmanager
async def asking(stage: Backstage, *rules: Rule) -> AsyncIterator[ModelTown]:
    """Have the stage's models be served by these rules for the time of the block."""
    # The SDK's session is one for the process, with the keys of the tests' own AWS.
    account = Account(access_key_id="test", secret_access_key="test")
    async with model_town(*rules, account=account) as town:
        settings = replace(
            stage.settings,
            models="embedded,openai,bedrock",
            llm_url=town.llm_url,
            llm_model=CHAT_MODEL,
            bedrock_model=BEDROCK_MODEL,
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", town.url)
            models = InstalledModels(settings, Offered.by(settings))
            stage.ports.models = models
            yield town
            await models.close()


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_call_is_judged_and_filed(stage: Backstage, engine: str) -> None:
    async with asking(stage, answering("judge", JUDGEMENT), answering("file_call", CHOICE)) as town:
        run = await asyncio.to_thread(a_call, stage, engine)
        judged = await asyncio.to_thread(follow, stage, run)
    found: Any = judged.annotations
    assert (found["qa_check"]["score"], found["disposition"]["disposition"]) == (8, "booked")
    assert found["qa_check"]["token_usage"] == {"input_tokens": 700, "output_tokens": 50}
    assert judged.disposition == "booked"
    assert [each.must_call for each in town.script.asked] in (["judge", "file_call"], ["file_call", "judge"])


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_service_that_is_away_is_asked_again_for_what_is_missing(
    stage: Backstage, engine: str
) -> None:
    rules = (failing("judge"), answering("judge", JUDGEMENT), answering("file_call", CHOICE))
    async with asking(stage, *rules) as town:
        run = await asyncio.to_thread(a_call, stage, engine)
        judged = await asyncio.to_thread(follow, stage, run)
        found: Any = judged.annotations
        assert (found["qa_check"]["error"], judged.disposition) == ("model-failed", "booked")
        stage.clock.move(seconds=60)
        judged = await asyncio.to_thread(follow, stage, run)
    found = judged.annotations
    assert found["qa_check"]["score"] == 8
    assert judged.review is not None
    assert (judged.review.status, judged.review.attempts) == (ReviewStatus.DONE, 2)
    assert [each.must_call for each in town.script.asked].count("file_call") == 1


@pytest.mark.parametrize("engine", ENGINES)
async def test_arguments_that_are_no_json_are_no_judgement(stage: Backstage, engine: str) -> None:
    rules = (answering("judge", '{"summary": "cut'), answering("file_call", CHOICE))
    async with asking(stage, *rules):
        run = await asyncio.to_thread(a_call, stage, engine)
        judged = await asyncio.to_thread(follow, stage, run)
    found: Any = judged.annotations
    assert found["qa_check"]["error"] == "no-answer"
