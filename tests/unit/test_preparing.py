"""What is made ready while the caller may still go on: nothing of it is heard, or counts, before their turn is over."""

import pytest

from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine
from offhook.runs.log.events import (
    ErrorEvent,
    NodeEvent,
    SpeechEvent,
    TranscriptEvent,
)
from streamer.call import commands, events
from streamer.call.course.asking import MOST_AHEAD
from streamer.call.floor import Floor
from tests.support.calls import ScriptedCall, texts

DESK: JsonObject = {
    "nodes": [
        {"id": "desk", "type": "startCall", "data": {"name": "Desk", "say": "Hello.", "prompt": "Help."}},
        {
            "id": "day",
            "type": "agentNode",
            "data": {"name": "Day", "prompt": "Find a day."},
        },
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Until then. Goodbye."}},
    ],
    "edges": [
        {
            "id": "done",
            "source": "desk",
            "target": "bye",
            "data": {"label": "Done", "condition": "All is said"},
        },
        {"id": "no", "source": "desk", "target": "bye", "data": {"phrases": ["no"]}},
        {
            "id": "who",
            "source": "desk",
            "target": "day",
            "data": {"phrases": ["it is for ann"], "transition_speech": "One moment."},
        },
        {"id": "key", "source": "desk", "target": "bye", "data": {"dtmf": "1"}},
        # What goes on from those, so that they may not be all.
        {
            "id": "more",
            "source": "desk",
            "target": "day",
            "data": {"phrases": ["no but", "it is for ann lee"]},
        },
    ],
}


class Pause:
    """A call whose caller has paused for 200 ms after these words, in the middle of what they may be saying."""

    def __init__(self, words: str) -> None:
        self.call = ScriptedCall(DESK)
        self.call.wait_for_silence()
        self.pause(words)

    def pause(self, words: str) -> None:
        self.before = len(self.call.done)
        self.call.sound(600)
        self.call.wait(200)
        self.call.recognise(words)

    @property
    def asked(self) -> list[commands.AskModel]:
        return [c for c in self.call.done if isinstance(c, commands.AskModel)]

    @property
    def prepared(self) -> list[str]:
        return [c.text for c in self.call.done[self.before :] if isinstance(c, commands.Prepare)]

    @property
    def counted(self) -> list[object]:
        """What stands in the log of it, but for the sound itself."""
        done = self.call.done[self.before :]
        told = [c.event for c in done if isinstance(c, commands.Append)]
        return [event for event in told if not isinstance(event, SpeechEvent)]


def test_the_next_sentence_is_made_before_the_turn_is_over() -> None:
    pause = Pause("no")
    assert pause.prepared == ["Until then."]
    assert pause.counted == []
    assert pause.call.machine.floor is Floor.THINKING
    pause.call.wait(300)
    assert pause.call.said[1:] == ["Until then.", "Goodbye."]
    assert pause.call.did(commands.Prepare) == 1


def test_a_model_is_asked_at_the_pause_and_heard_when_the_turn_is_over() -> None:
    pause = Pause("is it open today")
    (asked,) = pause.asked
    assert asked.lines[-1] == ChatLine(from_caller=True, text="is it open today")
    pause.call.tell(events.ModelText(request=asked.request, text="It is."))
    pause.call.tell(events.ModelText(request=asked.request, text="Until six."))
    pause.call.tell(events.ModelFinished(request=asked.request))
    assert pause.prepared == ["It is."]
    assert (pause.call.said, pause.counted) == (["Hello."], [])
    pause.call.wait(300)
    assert pause.call.said == ["Hello.", "It is.", "Until six."]
    assert pause.asked == [asked]
    pause.call.wait_for_silence()
    assert pause.call.machine.floor is Floor.SILENT


def test_what_the_model_answers_after_the_turn_is_over_is_said_as_it_comes() -> None:
    pause = Pause("is it open today")
    pause.call.tell(events.ModelText(request=1, text="It is."))
    pause.call.wait(300)
    pause.call.tell(events.ModelText(request=1, text="Until six."))
    pause.call.tell(events.ModelFinished(request=1))
    assert pause.call.said == ["Hello.", "It is.", "Until six."]


def test_a_caller_who_goes_on_has_said_nothing_yet() -> None:
    pause = Pause("is it open")
    pause.call.tell(events.ModelText(request=1, text="It is."))
    pause.call.tell(events.ModelFinished(request=1))
    pause.call.sound(600)
    assert pause.counted == []
    assert pause.call.did(commands.CancelModel) == pause.call.did(commands.DropPrepared) == 1
    pause.call.wait(200)
    pause.call.recognise("on sunday")
    assert texts(pause.asked[-1].lines) == ["Hello.", "is it open on sunday"]
    pause.call.tell(events.ModelText(request=1, text="Late and wrong."))
    pause.call.tell(events.ModelText(request=2, text="It is not."))
    pause.call.wait(300)
    assert pause.call.said == ["Hello.", "It is not."]
    (turn,) = [said for said in pause.call.records(TranscriptEvent) if said["speaker"] == "caller"]
    assert turn["text"] == "is it open on sunday"


def test_an_edge_that_is_chosen_ahead_is_taken_when_the_turn_is_over() -> None:
    pause = Pause("that would be all")
    pause.call.tell(events.ModelChose(request=1, tool="done"))
    pause.call.tell(events.ModelFinished(request=1))
    assert pause.prepared == ["Until then."]
    assert pause.counted == []
    pause.call.wait(300)
    assert [node["to"] for node in pause.call.records(NodeEvent)] == ["desk", "bye"]
    assert pause.call.said == ["Hello.", "Until then.", "Goodbye."]


def test_an_edge_that_is_chosen_ahead_is_not_taken_when_the_caller_goes_on() -> None:
    pause = Pause("that would be all")
    pause.call.tell(events.ModelChose(request=1, tool="done"))
    pause.call.sound(400)
    pause.call.wait(200)
    pause.call.recognise("wrong to say")
    pause.call.tell(events.ModelText(request=2, text="What else?"))
    pause.call.wait(300)
    assert len(pause.call.records(NodeEvent)) == 1
    assert pause.call.said == ["Hello.", "What else?"]


def test_behind_a_phrase_the_model_is_asked_what_it_will_be_asked_there() -> None:
    pause = Pause("it is for ann")
    (asked,) = pause.asked
    assert asked.system == "Find a day."
    assert pause.prepared == ["One moment."]
    pause.call.tell(events.ModelText(request=1, text="Is Monday fine?"))
    assert pause.counted == []
    pause.call.wait(1300)
    assert pause.call.said == ["Hello.", "One moment.", "Is Monday fine?"]
    assert pause.asked == [asked]


def test_a_caller_who_hesitates_often_costs_no_more_questions() -> None:
    pause = Pause("is it open")
    for words in ("this morning", "big house", "near paris", "river side"):
        pause.pause(words)
    assert len(pause.asked) == MOST_AHEAD
    pause.call.wait(1500)
    assert len(pause.asked) == MOST_AHEAD + 1
    assert texts(pause.asked[-1].lines)[-1] == "is it open this morning big house near paris river side"


def test_words_that_ask_for_more_are_asked_about_when_the_pause_lasts() -> None:
    pause = Pause("is it open in the")
    pause.call.wait(580)
    assert pause.asked == []
    pause.call.wait(20)
    (asked,) = pause.asked
    pause.call.tell(events.ModelText(request=asked.request, text="It is."))
    pause.call.wait(780)
    assert pause.call.said == ["Hello."]
    pause.call.wait(20)
    assert pause.call.said == ["Hello.", "It is."]
    assert pause.asked == [asked]


def test_who_goes_on_sooner_after_words_that_ask_for_more_has_cost_no_question() -> None:
    pause = Pause("is it open in the")
    pause.call.wait(100)
    pause.pause("morning")
    assert [texts(asked.lines)[-1] for asked in pause.asked] == ["is it open in the morning"]


def test_each_turn_may_ask_ahead() -> None:
    pause = Pause("is it open")
    for turn in range(1, 5):
        pause.call.wait(300)
        pause.call.tell(events.ModelText(request=turn, text="It is."))
        pause.call.tell(events.ModelFinished(request=turn))
        pause.call.wait_for_silence()
        pause.pause("and on sunday")
        assert len(pause.asked) == turn + 1
        assert pause.call.may_hear_more


def test_a_model_that_fails_ahead_is_asked_again_when_the_turn_is_over() -> None:
    pause = Pause("is it open today")
    pause.call.tell(events.EngineFailed(engine="model", code="model-failed"))
    assert pause.counted == []
    pause.call.wait(300)
    assert len(pause.asked) == 2
    assert pause.call.records(ErrorEvent) == []
    pause.call.tell(events.ModelText(request=2, text="It is."))
    assert pause.call.said == ["Hello.", "It is."]


def test_a_recogniser_that_fails_while_a_question_is_asked_ahead_is_apologised_for() -> None:
    pause = Pause("is it open today")
    pause.call.tell(events.EngineFailed(engine="recogniser", code="recogniser-failed"))
    assert [error["code"] for error in pause.call.records(ErrorEvent)] == ["recogniser-failed"]


def test_a_key_that_overtakes_the_words_drops_what_was_asked_ahead() -> None:
    call = ScriptedCall(DESK)
    call.wait_for_silence()
    call.sound(600)
    call.wait(200)
    call.recognise("is it open today")
    call.tell(events.KeyPressed(key="1"))
    call.tell(events.ModelText(request=1, text="It is."))
    assert call.said == ["Hello.", "Until then.", "Goodbye."]


@pytest.mark.parametrize("words", ["", "hello you have reached the voicemail of"])
def test_nothing_is_prepared_for_no_words_or_for_a_machine(words: str) -> None:
    call = ScriptedCall(DESK, is_outbound=True, answered_by={"voicemail": {"action": "hang_up"}})
    call.wait_for_silence()
    call.sound(600)
    call.wait(200)
    call.recognise(words)
    assert call.did(commands.AskModel) == call.did(commands.Prepare) == 0


def test_a_cough_after_an_answer_that_was_dropped_ahead_asks_nothing_again() -> None:
    pause = Pause("is it open")
    pause.call.sound(600)
    pause.call.wait(200)
    pause.call.recognise("today")
    pause.call.tell(events.ModelText(request=2, text="It is."))
    pause.call.tell(events.ModelFinished(request=2))
    pause.call.wait(300)
    pause.call.wait_for_silence()
    pause.call.sound(200)
    pause.call.wait(1500)
    pause.call.recognise("")
    pause.call.wait(600)
    assert len(pause.asked) == 2
