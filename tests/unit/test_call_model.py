"""Calls whose nodes have a prompt: what the model is asked, what it says, and what comes too late."""

from offhook.json_types import JsonObject
from streamer.call import commands, events
from streamer.call.floor import Floor
from tests.support.calls import ScriptedCall


def test_a_click_while_the_reply_is_being_thought_about_does_not_lose_the_reply() -> None:
    call = ScriptedCall(_PROMPTED)
    call.tell(events.ModelText(request=1, text="Good day."))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.speak("what are your opening hours")
    asked = call.did(commands.AskModel)
    call.sound(80)
    call.wait(1000)
    call.recognise("")

    assert call.did(commands.AskModel) == asked + 1


_PROMPTED: JsonObject = {
    "nodes": [
        {
            "id": "talk",
            "type": "startCall",
            "data": {"name": "Talk", "prompt": "Be kind to {{customer_name}}."},
        },
        {
            "id": "bye",
            "type": "endCall",
            "data": {"name": "Bye", "prompt": "Say goodbye.", "disposition": "helped"},
        },
        {"id": "rules", "type": "globalNode", "data": {"name": "Rules", "prompt": "Be brief."}},
    ],
    "edges": [
        {
            "id": "e1",
            "source": "talk",
            "target": "bye",
            "data": {"label": "Caller is done", "condition": "The caller has no more questions"},
        }
    ],
}


def test_a_prompt_without_words_gives_a_silent_caller_as_much_time_as_any() -> None:
    call = ScriptedCall(_PROMPTED, idle_timeout_ms=5000, idle_prompts=[""])
    call.tell(events.ModelText(request=1, text="Good day."))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.wait(9000)
    assert call.said == ["Good day."]
    call.wait(2000)
    assert call.said[1:] == ["I can't hear you, so I will hang up now.", "Goodbye."]


def test_a_caller_who_was_not_understood_is_listened_to_again_without_a_word() -> None:
    call = ScriptedCall(_PROMPTED, misunderstood=[""])
    call.tell(events.ModelText(request=1, text="Good day."))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.sound(600)
    call.recognise_next("")
    call.wait(1000)
    assert call.machine.floor is Floor.SILENT


def test_a_prompted_node_asks_the_model_with_the_global_prompt_and_its_ways_on() -> None:
    call = ScriptedCall(_PROMPTED, context={"customer_name": "Ada"})

    ask = next(c for c in call.done if isinstance(c, commands.AskModel))
    assert ask.system == "Be brief.\n\nBe kind to Ada."
    assert [(t.name, t.description) for t in ask.tools] == [
        ("caller_is_done", "The caller has no more questions")
    ]


def test_the_model_speaks_takes_an_edge_and_says_the_last_words() -> None:
    call = ScriptedCall(_PROMPTED)
    call.tell(events.ModelText(request=1, text="How can I help?"))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.speak("nothing more thanks")
    call.tell(events.ModelChose(request=2, tool="caller_is_done"))
    call.tell(events.ModelFinished(request=2))
    call.tell(events.ModelText(request=3, text="Goodbye Ada."))
    call.tell(events.ModelFinished(request=3))
    call.wait_for_silence()

    assert call.said[-1] == "Goodbye Ada."
    assert call.ended.disposition == "helped"


def test_what_a_dropped_model_says_late_is_not_said() -> None:
    call = ScriptedCall(_PROMPTED)
    call.tell(events.ModelText(request=1, text="How can I help?"))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.speak("first question")
    call.sound(400)
    call.wait(500)
    call.recognise("second question")
    call.tell(events.ModelText(request=2, text="An answer to the first."))

    assert "An answer to the first." not in call.said


def test_edges_of_one_node_have_tool_names_of_their_own() -> None:
    labels = ["Next", "Next!", "はい", ""]
    workflow: JsonObject = {
        "nodes": [
            {"id": "talk", "type": "startCall", "data": {"name": "Talk", "prompt": "Talk."}},
            {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Bye."}},
        ],
        "edges": [
            {
                "id": f"e{n}",
                "source": "talk",
                "target": "bye",
                "data": {"label": label, "condition": "So", "dtmf": str(n)},
            }
            for n, label in enumerate(labels)
        ],
    }
    call = ScriptedCall(workflow)

    ask = next(c for c in call.done if isinstance(c, commands.AskModel))
    assert len({tool.name for tool in ask.tools}) == len(labels)
    assert all(tool.name.strip("_") for tool in ask.tools)


def test_a_cough_while_the_model_thinks_in_a_new_node_does_not_answer_that_node() -> None:
    workflow: JsonObject = {
        "nodes": [
            {"id": "meet", "type": "startCall", "data": {"name": "Meet", "say": "Shall we meet?"}},
            {
                "id": "card",
                "type": "agentNode",
                "data": {"name": "Card", "prompt": "Ask whether to charge the card."},
            },
            {"id": "charged", "type": "endCall", "data": {"name": "Charged", "say": "Charged."}},
        ],
        "edges": [
            {"id": "e1", "source": "meet", "target": "card", "data": {"phrases": ["yes"]}},
            {"id": "e2", "source": "card", "target": "charged", "data": {"phrases": ["yes"]}},
        ],
    }
    call = ScriptedCall(workflow)
    call.wait_for_silence()
    call.speak("yes")
    call.sound(100)
    call.wait(600)

    assert "Charged." not in call.said
    assert call.did(commands.AskModel) == 2
