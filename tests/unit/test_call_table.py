"""The call machine's table is whole, and no order of events can break a call."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from streamer.call import commands, events
from streamer.call.floor import Floor
from streamer.call.table import TABLE, nothing
from tests.support.calls import APPOINTMENT, OPERATOR, ScriptedCall
from tests.support.tables import each_of


def test_the_table_says_what_everything_that_can_happen_causes_on_every_floor() -> None:
    kinds = {each for each in vars(events).values() if isinstance(each, type)}
    happen = {each for each in kinds if issubclass(each, events.Occurrence) and not each.__subclasses__()}
    assert set(TABLE) == happen
    assert all(set(row) == set(Floor) for row in TABLE.values())


@each_of([(event,) for event in TABLE])
def test_nothing_happens_before_a_call_begins_or_after_it_has_ended(event: type[object]) -> None:
    assert TABLE[event][Floor.NEW] is nothing
    assert TABLE[event][Floor.ENDED] is nothing


@pytest.mark.parametrize("floor", [floor for floor in Floor if floor not in (Floor.NEW, Floor.ENDED)])
def test_a_call_can_end_on_every_floor(floor: Floor) -> None:
    assert TABLE[events.CallerGone][floor] is not nothing
    assert TABLE[events.EndRequested][floor] is not nothing


# The appointment, with what a caller leaves the stream for.
_SWITCHBOARD = copy.deepcopy(APPOINTMENT)
_SWITCHBOARD["nodes"] += [  # type: ignore[operator]
    {
        "id": "desk",
        "type": "agentNode",
        "data": {"name": "Desk", "transfer": {"to": "+14155550100", "mode": "warm"}},
    },
    {"id": "keys", "type": "agentNode", "data": {"name": "Keys", "say": "Wait.", "send_digits": "1w2"}},
]
_SWITCHBOARD["edges"] += [  # type: ignore[operator]
    {"id": "d", "source": "greet", "target": "desk", "data": {"dtmf": "#"}},
    {"id": "k", "source": "greet", "target": "keys", "data": {"phrases": ["thursday"]}},
    {"id": "f", "source": "desk", "target": "which_day", "data": {"when": "transfer_failed"}},
    {"id": "s", "source": "keys", "target": "which_day", "data": {"when": "digits_sent"}},
]

_MACHINES = [
    "please leave a message after the tone",
    "please say your name",
    "for sales press one",
    "not in service",
    "one moment",
    "hello",
]
_WORDS = ["yes", "no", "thursday", "", "gibberish", *_MACHINES]
_EVENTS = st.one_of(
    st.builds(events.Recognised, text=st.sampled_from(_WORDS)),
    st.builds(events.PartlyRecognised, text=st.just(""), stable_text=st.sampled_from(_WORDS)),
    st.just(events.BeepHeard()),
    st.builds(events.SegmentStarted, segment_id=st.sampled_from(["s1", "s2", "s9"])),
    st.builds(events.SegmentFailed, segment_id=st.sampled_from(["s1", "s3"])),
    st.builds(events.SegmentHeard, segment_id=st.sampled_from(["s1", "s2", "s4"])),
    st.builds(events.ModelText, request=st.integers(0, 2), text=st.just("Well.")),
    st.builds(events.ModelChose, request=st.integers(0, 2), tool=st.sampled_from(["yes", "nonsense"])),
    st.builds(events.ModelFinished, request=st.integers(0, 2)),
    st.builds(events.KeyPressed, key=st.sampled_from(["1", "2", "#"])),
    st.builds(events.EngineFailed, engine=st.just("model"), code=st.just("model-failed")),
    st.builds(events.TransferFailed, reason=st.just("busy")),
    st.sampled_from([events.TransferAnswered(), events.TransferLeft(), events.TransferCompleted()]),
    OPERATOR,
)
_SOUND = st.tuples(st.booleans(), st.integers(1, 100))


_ANSWERERS = st.sampled_from(
    [
        {},
        {
            "voicemail": {"action": "hang_up"},
            "screening": {"action": "hang_up"},
            "menu": {"action": "hang_up"},
        },
        {
            "voicemail": {"action": "leave_message", "message": "Call us."},
            "screening": {"action": "introduce", "message": "It is us."},
            "menu": {"action": "press_keys", "keys": "1"},
        },
    ]
)


@pytest.mark.fuzz
@given(_ANSWERERS, st.lists(st.one_of(_EVENTS, _SOUND), max_size=60))
def test_any_order_of_sounds_and_events_leaves_a_call_that_still_ends_once(
    answered_by: JsonObject, steps: list[events.Event | tuple[bool, int]]
) -> None:
    call = ScriptedCall(_SWITCHBOARD, is_outbound=bool(answered_by), answered_by=answered_by)
    for step in steps:
        if isinstance(step, tuple):
            call.sound(step[1] * 20) if step[0] else call.wait(step[1] * 20)
        else:
            call.tell(step)
    call.tell(events.EndRequested(reason=EndReason.OPERATOR))

    assert call.machine.has_ended
    ended = call.ended
    call.tell(events.CallerGone())
    assert call.ended is ended
    assert call.did(commands.HangUp) <= 1
    assert call.did(commands.CancelTransfer) <= call.did(commands.Transfer)
    assert list(call.machine.hear(True)) == []


@pytest.mark.fuzz
@given(_ANSWERERS, st.sampled_from(_WORDS), st.lists(_SOUND, max_size=40))
def test_a_call_that_is_left_alone_always_ends_by_itself(
    answered_by: JsonObject, words: str, sounds: list[tuple[bool, int]]
) -> None:
    call = ScriptedCall(max_call_duration_seconds=120, is_outbound=bool(answered_by), answered_by=answered_by)
    for voiced, chunks in sounds:
        call.sound(chunks * 20) if voiced else call.wait(chunks * 20)
        call.recognise(words)
    if call.machine.floor is Floor.TRANSFER:
        call.tell(events.TransferFailed(reason="carrier-refused"))
    for _ in range(40):
        if call.machine.has_ended:
            return
        call.wait(5000)

    raise AssertionError(f"The call is still {call.machine.floor}.")
