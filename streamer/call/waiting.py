"""What a call waits for on each floor: what its clock tells it next, and when."""

from collections.abc import Iterator
from operator import itemgetter
from typing import TypeAlias

from offhook.vocabulary import AnsweredBy
from offhook.workflows import Capture, Gather
from streamer.call.actions.deafness import LONGEST_DEAF_MS
from streamer.call.actions.machines import GREETING_PAUSE_MS, LONGEST_GREETING_MS, QUESTION_PAUSE_MS
from streamer.call.course.course import Course
from streamer.call.course.meeting import Meeting
from streamer.call.events import (
    ClockEvent,
    DeafTooLong,
    GreetingOver,
    HoldOver,
    IdleOver,
    KeysOver,
    MarkOverdue,
    PauseLasts,
    ThinkingOver,
    TimeOver,
    TurnOver,
)
from streamer.call.floor import Floor

NEVER_MS = 1 << 62

HOLD_EVERY_MS = 8000
"""Silence after which a caller who waits is told so: longer, and people think that they were cut off."""

LONGEST_MUTE_MS = 120_000
"""A muted agent goes on by itself when no operator has said or steered anything for so long."""

# A recogniser that has not answered by then never will; the caller has been waiting all along.
_RECOGNITION_LIMIT_MS = 4000
# One that hears nothing, or not yet, will be too late; the caller is to hear something within three seconds.
_DEAF_LIMIT_MS = 2000
# The agent, who has fallen silent for words, waits less for the rest of them: no text by then means no words.
_OVERHEARD_LIMIT_MS = 1200
# Whoever asks the language models gives them up after three seconds without a word.
_MODEL_LIMIT_MS = 5_000


_Due: TypeAlias = tuple[int, type[ClockEvent]]


def due(call: Course) -> _Due:
    """Return what happens next by the clock, unless something else happens before, and when."""
    if call.floor in (Floor.NEW, Floor.AWAY, Floor.ENDED):
        return NEVER_MS, TimeOver
    return min(_waits(call), key=itemgetter(0))


def _waits(call: Course) -> Iterator[_Due]:
    """Yield all that the call waits for; of what is due at once the first counts."""
    yield call.agent.playback.deadline_ms or NEVER_MS, MarkOverdue
    if call.floor is not Floor.ENDING:
        yield call.settings.max_call_duration_seconds * 1000, TimeOver
    yield _deaf_until_ms(call), DeafTooLong
    match call.floor:
        case Floor.SILENT:
            yield _silence(call)
        case Floor.AGENT if call.agent.playback.is_paused and not call.turns.is_speaking:
            limit_ms = _OVERHEARD_LIMIT_MS if call.caller.has_part else call.settings.overheard_ms
            yield call.caller.end_ms + limit_ms, ThinkingOver
        case Floor.THINKING:
            yield _thought(call)
        case Floor.MACHINE if call.met is not None:
            yield _machine_until_ms(call, call.met), GreetingOver
        case Floor.CONNECTING if call.met is not None:
            yield _answer(call) or (_person_until_ms(call, call.met), IdleOver)
        case Floor.MUTED:
            yield _answer(call) or (call.floor_since_ms + LONGEST_MUTE_MS, IdleOver)
        case Floor.TRANSFER:
            yield _holds_from_ms(call), HoldOver


def _answer(call: Course) -> _Due | None:
    return None if call.answer_ms is None else (call.answer_ms, TurnOver)


def _silence(call: Course) -> _Due:
    """How long the caller may be silent; the keys pressed so far are all when no more come, where they are gathered."""
    errand = call.talk.errand
    if isinstance(errand, Gather | Capture) and call.keys:
        return call.key_ms + errand.timeout_ms, KeysOver
    return call.floor_since_ms + call.settings.idle_timeout_ms, IdleOver


def _thought(call: Course) -> _Due:
    """How long the recogniser, or else tools or the language model, may take; who waits for tools is told so meanwhile."""
    if call.prepare_ms is not None:
        return call.prepare_ms, PauseLasts
    if (answer := _answer(call)) is not None:
        return answer
    if call.caller.is_awaited:
        limit_ms = _RECOGNITION_LIMIT_MS if call.deaf_since_ms is None else _DEAF_LIMIT_MS
        return call.floor_since_ms + limit_ms, ThinkingOver
    if call.tools.are_running:
        hold_ms = call.floor_since_ms + HOLD_EVERY_MS
        return (hold_ms, HoldOver) if hold_ms < call.tools.until_ms else (call.tools.until_ms, ThinkingOver)
    return call.floor_since_ms + _MODEL_LIMIT_MS, ThinkingOver


def _deaf_until_ms(call: Course) -> int:
    """When nothing has heard the caller for too long, whose turn it is and whose words alone lead on."""
    is_callers_turn = call.floor in (Floor.SILENT, Floor.CALLER) or (
        call.floor is Floor.THINKING and call.caller.is_awaited
    )
    if call.deaf_since_ms is None or not is_callers_turn or call.talk.hears_keys:
        return NEVER_MS
    return call.deaf_since_ms + LONGEST_DEAF_MS


def _machine_until_ms(call: Course, met: Meeting) -> int:
    limit_ms = met.since_ms + LONGEST_GREETING_MS
    pause_ms = GREETING_PAUSE_MS if met.kind is AnsweredBy.VOICEMAIL else QUESTION_PAUSE_MS
    return limit_ms if call.turns.is_speaking else min(limit_ms, call.floor_since_ms + pause_ms)


def _person_until_ms(call: Course, met: Meeting) -> int:
    """When whoever is fetched has not come."""
    answerers = call.settings.answered_by
    fetching = answerers.menu if met.kind is AnsweredBy.MENU else answerers.screening
    return call.floor_since_ms + fetching.wait_seconds * 1000


def _holds_from_ms(call: Course) -> int:
    """When the caller is told again that we are trying, or no other agent is waited for any longer."""
    if call.agent.is_active or not (call.transfers.is_awaited or call.handoffs.open):
        return NEVER_MS
    return call.floor_since_ms + HOLD_EVERY_MS
