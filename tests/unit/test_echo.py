"""An agent whose own voice comes back, or who is heard in a noisy room: silenced twice in vain, it speaks to the end."""

import copy

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import InterruptEvent, TranscriptEvent
from streamer.call import commands, events
from streamer.call.floor import Floor
from tests.support.calls import APPOINTMENT, MS_PER_CHARACTER, ScriptedCall

_LONG = (
    "Your appointment with us is on Monday the second of March at nine in the morning, on the third floor."
)


def telling() -> ScriptedCall:
    """Return a call whose agent has begun a sentence of six seconds."""
    workflow: JsonObject = copy.deepcopy(APPOINTMENT)
    workflow["nodes"][0]["data"]["say"] = _LONG  # type: ignore[index,call-overload]
    call = ScriptedCall(workflow)
    call.wait(200)
    return call


def echo(call: ScriptedCall, duration_ms: int) -> None:
    call.sound(duration_ms)
    call.wait(200)
    call.recognise("")
    call.wait(20)


@pytest.mark.parametrize("echo_ms", [100, 400, 1100])
def test_after_two_sounds_without_words_the_agent_speaks_its_sentence_to_the_end(echo_ms: int) -> None:
    call = telling()
    silenced = []
    for _ in range(4):
        for _ in range(100):
            if call.machine.floor is Floor.AGENT:
                break
            call.wait(20)
        echo(call, echo_ms)
        silenced.append(call.did(commands.PausePlayback))
    assert silenced == [1, 2, 2, 2]
    call.wait_for_silence()
    assert call.said[-1].endswith("on the third floor.")
    assert call.did(commands.StopPlayback) == (2 if echo_ms > 1000 else 0)
    assert len(call.records(InterruptEvent)) == call.did(commands.StopPlayback)


def test_an_echo_that_outlasts_the_sentence_is_not_asked_what_it_was() -> None:
    call = telling()
    for _ in range(2):
        echo(call, 400)
    call.sound(len(_LONG) * MS_PER_CHARACTER)
    call.recognise_next("")
    call.wait(1000)
    assert call.said == [_LONG]
    assert call.machine.floor is Floor.SILENT


@pytest.mark.parametrize("is_final", [True, False])
def test_words_interrupt_all_the_same_and_the_next_sound_silences_the_agent_again(is_final: bool) -> None:
    call = telling()
    for _ in range(2):
        echo(call, 400)
    call.sound(600)
    assert call.did(commands.PausePlayback) == 2
    if not is_final:
        call.tell(events.PartlyRecognised(text="no", stable_text="no another day", result_id="1"))
        assert call.did(commands.StopPlayback) == 1
    call.recognise_next("no another day")
    call.wait(400)
    assert call.did(commands.StopPlayback) == 1
    assert [t["text"] for t in call.records(TranscriptEvent) if t["speaker"] == "caller"] == [
        "no another day"
    ]
    assert call.said[-1] == "Which day would suit you better?"
    call.sound(100)
    assert call.did(commands.PausePlayback) == 3


def test_a_backchannel_shows_that_somebody_is_there() -> None:
    call = telling()
    echo(call, 400)
    call.sound(400)
    call.wait(200)
    call.recognise("mhm")
    echo(call, 400)
    call.sound(100)
    assert call.did(commands.PausePlayback) == 4
