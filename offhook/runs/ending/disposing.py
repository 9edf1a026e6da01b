"""The disposition of a call that its workflow gave none: a language model chooses one of the agent's, and invents none."""

from collections.abc import Sequence
from functools import partial

from offhook.agents.dispositions import Disposition
from offhook.json_types import JsonObject
from offhook.models.requests import ToolSpec
from offhook.runs.ending.judging import Question, request_for, schema_of
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import DispositionEvent, DispositionSource, Speaker
from offhook.runs.log.projections import has_ended, of_kind, transcript
from offhook.runs.model import Run, RunStatus
from offhook.vocabulary import AnsweredBy

ANNOTATION = "disposition"
"""The name of what is kept of the choice among the run's annotations."""

_PROMPT = "You file phone calls that an AI agent has held. Choose the one outcome that fits the call best."
_MAX_REASON_CHARACTERS = 1000


def is_open(run: Run, log: Sequence[LogEntry]) -> bool:
    """Say whether a model may choose: a person has talked, the workflow's end names nothing, nobody appends to the log."""
    is_over = run.ownership is None and has_ended(log)
    is_talk = run.status is RunStatus.COMPLETED and run.answered_by in (None, AnsweredBy.PERSON)
    has_caller = any(said.speaker == Speaker.CALLER for said in transcript(log))
    named = _latest(log)
    is_named = named is not None and named.source in (DispositionSource.WORKFLOW, DispositionSource.MODEL)
    return is_over and is_talk and has_caller and not is_named


def chosen_before(log: Sequence[LogEntry]) -> str | None:
    """Return what a model has chosen already, whose process did not live to write it on the run."""
    named = _latest(log)
    return named.disposition if named is not None and named.source == DispositionSource.MODEL else None


def question_of(dispositions: Sequence[Disposition], facts: JsonObject, talk: str) -> Question:
    """Return what the model is asked."""
    codes = [each.code for each in dispositions]
    listed = "\n".join(f"- {each.code}: {each.description or each.code}" for each in dispositions)
    properties: JsonObject = {
        "disposition": {"type": "string", "enum": list(codes)},
        "reason": {"type": "string", "description": "Why, in a sentence."},
    }
    tool = ToolSpec(
        name="file_call",
        description="File this call under the outcome that fits best.",
        parameters=schema_of(properties),
    )
    return Question(
        name=ANNOTATION,
        request=request_for(system=f"{_PROMPT}\n\n{listed}", facts=facts, talk=talk, tool=tool),
        read=partial(_read, codes),
    )


def _latest(log: Sequence[LogEntry]) -> DispositionEvent | None:
    named = list(of_kind(log, DispositionEvent))
    return named[-1] if named else None


def _read(codes: Sequence[str], arguments: JsonObject) -> JsonObject:
    chosen, reason = arguments.get("disposition"), arguments.get("reason")
    if not isinstance(chosen, str) or chosen not in codes:
        raise ValueError("This is none of the agent's dispositions.")
    text = reason if isinstance(reason, str) else ""
    return {
        "disposition": chosen,
        "reason": text[:_MAX_REASON_CHARACTERS],
        "source": DispositionSource.MODEL.value,
    }
