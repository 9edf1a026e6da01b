"""The sentences that an agent says the same to everybody."""

from offhook.agents.settings import AgentSettings
from offhook.workflows import parse_workflow
from streamer.record.own_texts import own_sentences
from tests.support.calls import APPOINTMENT


def test_they_are_the_greetings_first_and_then_what_must_be_at_hand() -> None:
    own = own_sentences(parse_workflow(APPOINTMENT), AgentSettings())
    assert own[:3] == (
        "Does Monday still suit you?",
        "I am sorry, something went wrong on our side.",
        "Please try again later.",
    )
    assert {"Which day would suit you better?", "Are you still there?", "See you on Monday."} <= set(own)


def test_what_templates_fill_in_is_not_among_them() -> None:
    settings = AgentSettings(
        idle_goodbye='I lost you, {{ customer_name | fallback: "my friend. You" }}. Goodbye then.'
    )
    own = own_sentences(parse_workflow(APPOINTMENT), settings)
    assert "Goodbye then." in own
    assert not [sentence for sentence in own if "{{" in sentence or "}}" in sentence or "friend" in sentence]
