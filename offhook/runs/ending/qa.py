"""Quality checks: which calls a check judges, what it asks of the model, and what is kept of the judgement."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, Field, StrictBool

from offhook.json_types import JsonObject
from offhook.models.requests import ToolSpec
from offhook.runs.ending.judging import Question, request_for, schema_of
from offhook.runs.model import Run
from offhook.vocabulary import AnsweredBy
from offhook.workflows.nodes import QaNode
from offhook.workflows.nodes.qa import Criterion

_PROMPT = (
    "You check the quality of phone calls that an AI agent has held. Judge by what the transcript shows and by nothing "
    "else: was the caller understood, was their wish met, was anything said that is wrong, rude or made up, did the agent "
    "repeat itself, talk over the caller or leave them waiting."
)
_MAX_SUMMARY_CHARACTERS, _MAX_REASON_CHARACTERS, _MAX_TAGS, _MAX_TAG_CHARACTERS = 2000, 1000, 10, 64
_SHARES = 2**64


class _Found(BaseModel):
    result: StrictBool | int
    reason: str = ""


class _Judgement(BaseModel):
    summary: str
    score: int = Field(ge=1, le=10)
    sentiment: Literal["positive", "neutral", "negative"]
    tags: list[str] = []
    criteria: dict[str, _Found] = {}


def annotation_of(check: QaNode) -> str:
    """Return the name that a check's judgement has among the run's annotations, as in Dograh."""
    return f"qa_{check.id}"


def why_not(check: QaNode, run: Run) -> str | None:
    """Return why a check leaves a call out; None where it is judged."""
    data = check.data
    seconds = (run.usage or {}).get("call_duration_seconds")
    if not isinstance(seconds, int | float) or seconds < data.qa_min_call_duration:
        return "too-short"
    if run.answered_by not in (None, AnsweredBy.PERSON) and not data.qa_voicemail_calls:
        return "voicemail"
    return None if _share(check, run) < data.qa_sample_rate else "not-sampled"


def question_of(check: QaNode, facts: JsonObject, talk: str) -> Question:
    """Return what the model is asked."""
    criteria = check.data.criteria
    tool = ToolSpec(
        name="judge", description="Write the judgement of this call.", parameters=_schema(criteria)
    )
    system = check.data.qa_system_prompt.strip() or _PROMPT
    return Question(
        name=annotation_of(check),
        request=request_for(system=system, facts=facts, talk=talk, tool=tool),
        read=partial(_read, check),
    )


def _share(check: QaNode, run: Run) -> float:
    """Return the call's place among all, from 0 to 100: the same whoever asks."""
    digest = sha256(f"{run.id}:{check.id}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 / _SHARES


def _schema(criteria: Sequence[Criterion]) -> JsonObject:
    properties: dict[str, Any] = {
        "summary": {"type": "string", "description": "The call in two sentences."},
        "score": {"type": "integer", "minimum": 1, "maximum": 10, "description": "How good the call was."},
        "sentiment": {
            "type": "string",
            "enum": ["positive", "neutral", "negative"],
            "description": "How the caller felt at the end.",
        },
        "tags": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What stands out, in a word or two each, such as dead_air or interruption; often nothing.",
        },
    }
    if criteria:
        found = {_key(number): _schema_of(criterion) for number, criterion in enumerate(criteria, 1)}
        properties["criteria"] = schema_of(found)
    return schema_of(properties)


def _schema_of(criterion: Criterion) -> JsonObject:
    result: JsonObject = (
        {"type": "boolean", "description": "Whether it is met."}
        if criterion.scale is None
        else {"type": "integer", "minimum": 1, "maximum": criterion.scale}
    )
    reason: JsonObject = {"type": "string", "description": "Why, in a sentence, with the words that show it."}
    described = f"{criterion.name}: {criterion.description}".removesuffix(": ")
    return {**schema_of({"result": result, "reason": reason}), "description": described}


def _read(check: QaNode, arguments: JsonObject) -> JsonObject:
    judged = _Judgement.model_validate(arguments)
    return {
        "name": check.data.name,
        "summary": judged.summary[:_MAX_SUMMARY_CHARACTERS],
        "score": judged.score,
        "sentiment": judged.sentiment,
        "tags": [tag[:_MAX_TAG_CHARACTERS] for tag in judged.tags[:_MAX_TAGS]],
        "criteria": [
            _result(criterion, judged.criteria.get(_key(number)))
            for number, criterion in enumerate(check.data.criteria, 1)
        ],
    }


def _result(criterion: Criterion, found: _Found | None) -> JsonObject:
    if found is None:
        raise ValueError("A criterion was left out.")
    is_fit = (
        isinstance(found.result, bool)
        if criterion.scale is None
        else not isinstance(found.result, bool) and 1 <= found.result <= criterion.scale
    )
    if not is_fit:
        raise ValueError("A result is not of its criterion's scale.")
    return {
        "name": criterion.name,
        "result": found.result,
        "reason": found.reason[:_MAX_REASON_CHARACTERS],
    }


def _key(number: int) -> str:
    # A criterion's own name may be none that every model takes for a property.
    return f"criterion_{number}"
