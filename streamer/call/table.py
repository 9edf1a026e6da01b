"""The call machine's table: what each event causes on each floor, and `nothing` where it must cause nothing.

`make generate` draws it into docs/call-machine.md. Each row's actions take that row's event, which mypy checks; an
action that does not look at its event takes any.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from streamer.call import events
from streamer.call.actions.acting import (
    model_chooses,
    model_finishes,
    tool_answers,
    tool_is_done,
    tools_tarry,
)
from streamer.call.actions.answering import (
    late_words_come,
    model_speaks,
    pause_lasts,
    reply_refused,
    still_there,
    thought_too_long,
    turn_over,
    words_come_late,
    words_recognised,
)
from streamer.call.actions.connecting import (
    nobody_comes,
    somebody_beeps,
    somebody_clicks,
    somebody_has_spoken,
    somebody_pauses,
    somebody_sounds,
    somebody_speaks,
)
from streamer.call.actions.deafness import deaf_too_long, hearing_is_found, hearing_is_lost
from streamer.call.actions.ending import (
    caller_leaves,
    drain_is_over,
    hang_up,
    note_failure,
    note_stumble,
    stop_now,
    time_is_up,
)
from streamer.call.actions.extracting import values_are_found
from streamer.call.actions.faltering import engine_fails
from streamer.call.actions.gathering import key_is_noted, key_pressed, keys_over
from streamer.call.actions.handing_on import handoff_is_answered
from streamer.call.actions.machines import beep_tells, machine_goes_on, machine_is_done, machine_pauses
from streamer.call.actions.operating import (
    mute_lapses,
    muted_words,
    operator_adds,
    operator_instructs,
    operator_interrupts,
    operator_speaks_instead,
    operator_speaks_meanwhile,
    operator_speaks_up,
    operator_steers,
    operator_steers_muted,
    operator_stops_words,
)
from streamer.call.actions.partials import words_change, words_come, words_go_on, words_may_tell
from streamer.call.actions.putting_through import (
    operator_puts_through,
    operator_puts_through_muted,
    words_meanwhile,
)
from streamer.call.actions.sounding import (
    mark_missed,
    segment_answers,
    segment_fails,
    segment_grows,
    segment_heard,
    segment_is_whole,
    segment_sounds,
)
from streamer.call.actions.transferring import (
    drain_ends_wait,
    hold_on,
    stop_away,
    stream_ends,
    transfer_answered,
    transfer_completes,
    transfer_fails,
    transfer_leaves,
    words_before_heard,
)
from streamer.call.actions.turn_taking import (
    agent_finishes,
    barge_in,
    caller_goes_on,
    caller_is_overheard,
    caller_starts,
    overheard_click,
    overheard_part,
    overheard_pauses,
    overheard_words,
    utterance_discarded,
    utterance_over,
    words_tarry,
)
from streamer.call.course.course import Course
from streamer.call.events import Occurrence
from streamer.call.floor import Floor

E = TypeVar("E", bound=Occurrence)
Action: TypeAlias = Callable[[Course, E], None]
_Row: TypeAlias = tuple[type[object], dict[Floor, Action[Any]]]


def nothing(call: Course, _: object) -> None:
    """Leave everything as it is."""


def _row(event: type[E], *actions: Action[E]) -> _Row:
    return event, dict(zip(Floor, (nothing, *actions, nothing), strict=True))


def _everywhere(event: type[E], action: Action[E]) -> _Row:
    return _row(event, *[action] * (len(Floor) - 2))


# fmt: off
TABLE = dict((
    #    event                     SILENT                 AGENT                  CALLER                 THINKING               MACHINE             CONNECTING           ENDING           TRANSFER                   MUTED                        AWAY
    _row(events.VoiceStarted,      caller_starts,         caller_is_overheard,   nothing,               caller_goes_on,        nothing,            somebody_sounds,     nothing,         nothing,                   somebody_sounds,             nothing),
    _row(events.FloorTaken,        nothing,               barge_in,              nothing,               nothing,               nothing,            nothing,             machine_goes_on, nothing,                   nothing,                     nothing),
    _row(events.VoiceFinished,     nothing,               overheard_pauses,      utterance_over,        nothing,               machine_pauses,     somebody_pauses,     nothing,         nothing,                   somebody_pauses,             nothing),
    _row(events.VoiceDiscarded,    nothing,               overheard_click,       utterance_discarded,   nothing,               machine_pauses,     somebody_clicks,     nothing,         nothing,                   somebody_clicks,             nothing),
    _row(events.Recognised,        late_words_come,       overheard_words,       words_come_late,       words_recognised,      words_come_late,    somebody_speaks,     words_come_late, words_meanwhile,           somebody_speaks,             words_come_late),
    _row(events.PartlyRecognised,  words_come,            overheard_part,        words_may_tell,        words_go_on,           words_come,         words_come,          words_come,      words_come,                words_come,                  nothing),
    _row(events.ModelText,         nothing,               model_speaks,          nothing,               model_speaks,          nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.ModelChose,        nothing,               model_chooses,         nothing,               model_chooses,         nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.ModelFinished,     nothing,               model_finishes,        nothing,               model_finishes,        nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.ToolAnswered,      tool_answers,          tool_answers,          tool_is_done,          tool_answers,          tool_is_done,       tool_is_done,        tool_is_done,    tool_is_done,              tool_is_done,                tool_is_done),
    _row(events.PlaybackOver,      nothing,               agent_finishes,        nothing,               nothing,               nothing,            nothing,             hang_up,         words_before_heard,        nothing,                     nothing),
    _row(events.ReplyRefused,      reply_refused,         nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.KeyPressed,        key_pressed,           key_pressed,           key_pressed,           key_pressed,           nothing,            nothing,             nothing,         nothing,                   key_is_noted,                nothing),
    _row(events.KeysOver,          keys_over,             nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.IdleOver,          still_there,           nothing,               nothing,               nothing,               nothing,            nobody_comes,        nothing,         nothing,                   mute_lapses,                 nothing),
    _row(events.PauseLasts,        nothing,               nothing,               nothing,               pause_lasts,           nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.TurnOver,          nothing,               nothing,               nothing,               turn_over,             nothing,            somebody_has_spoken, nothing,         nothing,                   muted_words,                 nothing),
    _row(events.ThinkingOver,      nothing,               words_tarry,           nothing,               thought_too_long,      nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.DeafTooLong,       deaf_too_long,         nothing,               deaf_too_long,         deaf_too_long,         nothing,            nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.BeepHeard,         beep_tells,            beep_tells,            beep_tells,            beep_tells,            machine_is_done,    somebody_beeps,      nothing,         nothing,                   nothing,                     nothing),
    _row(events.GreetingOver,      nothing,               nothing,               nothing,               nothing,               machine_is_done,    nothing,             nothing,         nothing,                   nothing,                     nothing),
    _row(events.HoldOver,          nothing,               nothing,               nothing,               tools_tarry,           nothing,            nothing,             nothing,         hold_on,                   nothing,                     nothing),
    _row(events.TimeOver,          time_is_up,            time_is_up,            time_is_up,            time_is_up,            time_is_up,         time_is_up,          nothing,         time_is_up,                time_is_up,                  nothing),
    _row(events.TransferAnswered,  nothing,               nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         transfer_answered,         nothing,                     nothing),
    _row(events.TransferLeft,      nothing,               nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         transfer_leaves,           nothing,                     nothing),
    _row(events.TransferFailed,    nothing,               nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         transfer_fails,            nothing,                     nothing),
    _row(events.TransferCompleted, nothing,               nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         nothing,                   nothing,                     transfer_completes),
    _row(events.EngineFailed,      engine_fails,          engine_fails,          engine_fails,          engine_fails,          note_failure,       engine_fails,        note_failure,    engine_fails,              engine_fails,                nothing),
    _row(events.CallerGone,        caller_leaves,         caller_leaves,         caller_leaves,         caller_leaves,         caller_leaves,      caller_leaves,       caller_leaves,   stream_ends,               caller_leaves,               caller_leaves),
    _row(events.DrainOver,         drain_is_over,         drain_is_over,         drain_is_over,         drain_is_over,         drain_is_over,      drain_is_over,       nothing,         drain_ends_wait,           drain_is_over,               nothing),
    _row(events.EndRequested,      stop_now,              stop_now,              stop_now,              stop_now,              stop_now,           stop_now,            stop_now,        stop_now,                  stop_now,                    stop_away),
    _row(events.HandoffReady,      nothing,               nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         handoff_is_answered,       nothing,                     nothing),
    _row(events.HandoffFailed,     nothing,               nothing,               nothing,               nothing,               nothing,            nothing,             nothing,         handoff_is_answered,       nothing,                     nothing),
    _row(events.Injected,          operator_adds,         operator_speaks_up,    operator_adds,         operator_adds,         operator_adds,      operator_adds,       nothing,         operator_speaks_meanwhile, operator_speaks_instead,     nothing),
    _row(events.Interrupted,       nothing,               operator_interrupts,   nothing,               operator_interrupts,   nothing,            nothing,             nothing,         nothing,                   operator_stops_words,        nothing),
    _row(events.Steered,           operator_steers,       operator_steers,       operator_steers,       operator_steers,       operator_instructs, operator_instructs,  nothing,         operator_instructs,        operator_steers_muted,       nothing),
    _row(events.TransferRequested, operator_puts_through, operator_puts_through, operator_puts_through, operator_puts_through, nothing,            nothing,             nothing,         nothing,                   operator_puts_through_muted, nothing),
    _everywhere(events.HearingLost,        hearing_is_lost),
    _everywhere(events.HearingFound,       hearing_is_found),
    _everywhere(events.EngineStumbled,     note_stumble),
    _everywhere(events.Extracted,          values_are_found),
    _everywhere(events.SegmentAnswered,    segment_answers),
    _everywhere(events.Corrected,          words_change),
    _everywhere(events.SegmentStarted,     segment_sounds),
    _everywhere(events.SegmentGrown,       segment_grows),
    _everywhere(events.SegmentSynthesised, segment_is_whole),
    _everywhere(events.SegmentHeard,       segment_heard),
    _everywhere(events.MarkOverdue,        mark_missed),
    _everywhere(events.SegmentFailed,      segment_fails),
))
# fmt: on
