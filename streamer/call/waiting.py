"""What a call waits for on each floor: when its clock must wake it, and what has happened then."""

from offhook.vocabulary import AnsweredBy
from offhook.workflows import Capture, Gather
from streamer.call.course import Course
from streamer.call.deafness import LONGEST_DEAF_MS
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
from streamer.call.machines import GREETING_PAUSE_MS, LONGEST_GREETING_MS, QUESTION_PAUSE_MS
from streamer.call.meeting import Meeting

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


def wake_ms(call: Course) -> int:
    """Return when something is due, unless something else happens first."""
    if call.floor in (Floor.NEW, Floor.AWAY, Floor.ENDED):
        return NEVER_MS
    times_ms = [call.agent.playback.deadline_ms or NEVER_MS]
    if call.floor is not Floor.ENDING:
        times_ms.append(_longest_ms(call))
    if call.floor is Floor.SILENT:
        times_ms.append(_keys_until_ms(call) or call.floor_since_ms + call.settings.idle_timeout_ms)
    if call.floor is Floor.MACHINE and call.met is not None:
        times_ms.append(_machine_until_ms(call, call.met))
    if call.floor is Floor.CONNECTING and call.met is not None:
        times_ms.append(call.answer_ms or _person_until_ms(call, call.met))
    if call.floor is Floor.MUTED:
        times_ms.append(call.answer_ms or call.floor_since_ms + LONGEST_MUTE_MS)
    if call.floor is Floor.TRANSFER:
        times_ms.append(_holds_from_ms(call))
    if call.floor is Floor.THINKING:
        times_ms.append(call.prepare_ms or call.answer_ms or _thinking_until_ms(call))
    if call.floor is Floor.AGENT and call.agent.playback.is_paused and not call.turns.is_speaking:
        limit_ms = _OVERHEARD_LIMIT_MS if call.caller.has_part else call.settings.overheard_ms
        times_ms.append(call.caller.end_ms + limit_ms)
    return min(*times_ms, _deaf_until_ms(call))


def what_is_due(call: Course) -> ClockEvent:
    """Return what has happened by the clock, now that it has reached `wake_ms`."""
    deadline_ms = call.agent.playback.deadline_ms
    if deadline_ms is not None and call.now_ms >= deadline_ms:
        return MarkOverdue()
    if call.now_ms >= _longest_ms(call):
        return TimeOver()
    if call.now_ms >= _deaf_until_ms(call):
        return DeafTooLong()
    if call.floor is Floor.SILENT:
        return KeysOver() if _keys_until_ms(call) else IdleOver()
    if call.floor is Floor.MACHINE:
        return GreetingOver()
    if call.floor in (Floor.CONNECTING, Floor.MUTED):
        return IdleOver() if call.answer_ms is None else TurnOver()
    if call.floor is Floor.TRANSFER:
        return HoldOver()
    if call.prepare_ms is not None:
        return PauseLasts()
    if call.answer_ms is not None:
        return TurnOver()
    return HoldOver() if _awaits_tools(call) and call.now_ms < call.tools.until_ms else ThinkingOver()


def _longest_ms(call: Course) -> int:
    return call.settings.max_call_duration_seconds * 1000


def _thinking_until_ms(call: Course) -> int:
    """How long the recogniser, or else tools or the language model, may take; who waits for tools is told so meanwhile."""
    if _awaits_tools(call):
        return min(call.tools.until_ms, call.floor_since_ms + HOLD_EVERY_MS)
    limit_ms = _RECOGNITION_LIMIT_MS if call.deaf_since_ms is None else _DEAF_LIMIT_MS
    return call.floor_since_ms + (limit_ms if call.caller.is_awaited else _MODEL_LIMIT_MS)


def _awaits_tools(call: Course) -> bool:
    return call.tools.are_running and not call.caller.is_awaited


def _deaf_until_ms(call: Course) -> int:
    """When nothing has heard the caller for too long, whose turn it is and whose words alone lead on."""
    is_callers_turn = call.floor in (Floor.SILENT, Floor.CALLER) or (
        call.floor is Floor.THINKING and call.caller.is_awaited
    )
    if call.deaf_since_ms is None or not is_callers_turn or call.talk.hears_keys:
        return NEVER_MS
    return call.deaf_since_ms + LONGEST_DEAF_MS


def _keys_until_ms(call: Course) -> int | None:
    """When the keys pressed so far are all; None where none was pressed or none is gathered."""
    errand = call.talk.errand
    return call.key_ms + errand.timeout_ms if isinstance(errand, Gather | Capture) and call.keys else None


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
