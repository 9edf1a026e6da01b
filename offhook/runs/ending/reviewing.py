"""The review of a finished call: its quality checks and its disposition, asked of a language model, a few times if need be."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offhook.agents.afterwards import checks_of
from offhook.agents.model import Version
from offhook.agents.ports import AgentRepository
from offhook.agents.settings import parse_settings
from offhook.clock import Clock
from offhook.errors import (
    ConflictError,
    InvalidInputError,
    NotConfiguredError,
    NotFoundError,
    OwnershipLostError,
)
from offhook.json_types import JsonObject
from offhook.runs.ending import disposing, qa
from offhook.runs.ending.judging import Judge, Question, Verdict, talk_of
from offhook.runs.ending.prices import PriceList, cost
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import DispositionEvent, DispositionSource
from offhook.runs.model import Review, ReviewStatus, Run
from offhook.runs.ports import EventLog, RunRepository
from offhook.runs.queues import WorkQueue
from offhook.workflows.nodes import QaNode

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (60, 120)
"""How long is waited after each attempt that failed, longer than one takes; after one more, the review has failed."""

SETTLING_LIMIT = timedelta(minutes=2)
"""So long the process of the call may still be writing its log, though the carrier has told of its end already."""

_MAX_GATHERED_CHARACTERS = 4000
_CLOCK_TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Reviews calls, each attempt claimed on the run first. Every method blocks."""

    runs: RunRepository
    agents: AgentRepository
    log: EventLog
    judge: Judge
    prices: PriceList
    aftercalls: WorkQueue
    clock: Clock

    def review(self, run: Run) -> Run:
        """Make the attempt that is due, if one is, and return the run as it is then; raise StorageError."""
        review, now = run.review, self.clock()
        if review is None or not run.has_open_review or not _is_due(run, review, now):
            return run
        if review.attempts > len(RETRY_AFTER_SECONDS):
            # The process of the last attempt did not live to say what it found.
            return self._note(run, replace(run, review=replace(review, status=ReviewStatus.FAILED)))
        claimed = replace(review, attempts=review.attempts + 1, last_attempt_at=now)
        try:
            run = self._note(run, replace(run, review=claimed))
        except ConflictError:
            # The same message came twice, and the other one reviews.
            return run
        try:
            reviewed = self._reviewed(run, claimed, now)
        except (NotFoundError, InvalidInputError) as error:
            # Of a version that can't be read any more.
            logger.warning("call not reviewed", extra={"run_id": run.id, "code": error.code})
            reviewed = replace(run, review=replace(claimed, status=ReviewStatus.FAILED))
        return self._note(run, reviewed)

    def _reviewed(self, run: Run, review: Review, now: datetime) -> Run:
        version = self.agents.get_version(run.agent_uuid, review.version or run.version)
        log = tuple(self.log.read(run.id, consistent=True))
        checks = [
            (check, _why_not(check, run, review, log)) for check in checks_of(version.workflow_definition)
        ]
        found: JsonObject = {
            qa.annotation_of(check): {"name": check.data.name, **_skipped(why)}
            for check, why in checks
            if why
        }
        judged = [check for check, why in checks if why is None and not _is_answered(run, review, check)]
        found |= self._answers(version, list(_questions(run, review, version, log, judged)))
        annotations = {**run.annotations, **_dated(found, now)}
        status = self._status(run, review, found)
        reviewed = replace(run, annotations=annotations, review=replace(review, status=status))
        return replace(reviewed, disposition=self._disposition(run, log, found))

    def _status(self, run: Run, review: Review, found: JsonObject) -> ReviewStatus:
        if not any(isinstance(each, dict) and "error" in each for each in found.values()):
            return ReviewStatus.DONE
        if review.attempts > len(RETRY_AFTER_SECONDS):
            return ReviewStatus.FAILED
        self.aftercalls.send(run.id, delay_seconds=RETRY_AFTER_SECONDS[review.attempts - 1])
        return ReviewStatus.PENDING

    def _answers(self, version: Version, questions: Sequence[Question]) -> JsonObject:
        if not questions:
            return {}
        requests = [question.request for question in questions]
        try:
            verdicts = self.judge.ask(parse_settings(version.settings), requests)
        except NotConfiguredError:
            return {question.name: _skipped("no-model") for question in questions}
        return {
            question.name: self._answer(question, verdict)
            for question, verdict in zip(questions, verdicts, strict=True)
        }

    def _answer(self, question: Question, verdict: Verdict) -> JsonObject:
        answer: JsonObject = {"error": verdict.failure}
        if verdict.arguments is not None:
            try:
                answer = question.read(verdict.arguments)
            except ValueError:
                answer = {"error": "malformed"}
        uses = verdict.uses
        return {
            **answer,
            "model": uses[-1].engine,
            "token_usage": {
                "input_tokens": sum(use.input_tokens for use in uses),
                "output_tokens": sum(use.output_tokens for use in uses),
            },
            "cost_usd": cost(uses, prices=self.prices)["llm_usd"],
        }

    def _disposition(self, run: Run, log: Sequence[LogEntry], found: JsonObject) -> str | None:
        """Write a choice into the log, as its last word, and return what the run's disposition is then."""
        answer = found.get(disposing.ANNOTATION)
        chosen = answer.get("disposition") if isinstance(answer, dict) else disposing.chosen_before(log)
        if not isinstance(chosen, str):
            return run.disposition
        if isinstance(answer, dict):
            event = DispositionEvent(disposition=chosen, source=DispositionSource.MODEL)
            try:
                self.log.append(run.id, [LogEntry.new(seq=len(log) + 1, at=self.clock(), event=event)])
            except OwnershipLostError:
                # Somebody goes on with a log that had its end: theirs is the last word.
                return run.disposition
        return chosen

    def _note(self, run: Run, reviewed: Run) -> Run:
        self.runs.note_review(run, reviewed)
        return reviewed


def _is_due(run: Run, review: Review, now: datetime) -> bool:
    if run.ownership is not None and now < (run.ended_at or now) + SETTLING_LIMIT:
        # Who settles the run has this message sent again.
        return False
    if review.last_attempt_at is None:
        return True
    delay_seconds = RETRY_AFTER_SECONDS[min(review.attempts, len(RETRY_AFTER_SECONDS)) - 1]
    return now >= review.last_attempt_at + timedelta(seconds=delay_seconds) - _CLOCK_TOLERANCE


def _why_not(check: QaNode, run: Run, review: Review, log: Sequence[LogEntry]) -> str | None:
    """Return why a check leaves this call out; what somebody asks for is judged wherever anything was said."""
    why = qa.why_not(check, run) if review.asked_at is None else None
    return why or (None if talk_of(log) else "nothing-said")


def _questions(
    run: Run, review: Review, version: Version, log: Sequence[LogEntry], checks: Sequence[QaNode]
) -> Iterator[Question]:
    talk, facts = talk_of(log), _facts(run)
    for check in checks:
        yield qa.question_of(check, facts, talk)
    dispositions = parse_settings(version.settings).dispositions
    if review.asked_at is None and dispositions and disposing.is_open(run, log):
        yield disposing.question_of(dispositions, facts, talk)


def _is_answered(run: Run, review: Review, check: QaNode) -> bool:
    """Say whether an earlier attempt of this review has had the answer."""
    known = run.annotations.get(qa.annotation_of(check))
    if not isinstance(known, dict) or "error" in known:
        return False
    return review.asked_at is None or str(known.get("judged_at", "")) >= review.asked_at.isoformat()


def _facts(run: Run) -> JsonObject:
    gathered = json.dumps(run.gathered_context, ensure_ascii=False)[:_MAX_GATHERED_CHARACTERS]
    return {
        "Why the call ended": run.end_reason,
        "Its length in seconds": (run.usage or {}).get("call_duration_seconds"),
        "What was gathered": gathered if run.gathered_context else None,
    }


def _skipped(why: str) -> JsonObject:
    return {"skipped": True, "reason": why}


def _dated(found: JsonObject, now: datetime) -> JsonObject:
    return {
        name: {**each, "judged_at": now.isoformat()} for name, each in found.items() if isinstance(each, dict)
    }
