"""An agent's settings: what an empty document means, what is refused, and what the refusal names."""

from typing import Any

import pytest

from offhook.agents.settings import AgentSettings, parse_settings
from offhook.errors import InvalidInputError


def test_an_agent_without_settings_records_and_may_be_interrupted() -> None:
    settings = parse_settings({})
    assert settings == AgentSettings()
    assert settings.record
    assert settings.barge_in
    assert settings.consent_line == ""
    assert len(settings.idle_prompts) == 1
    assert settings.max_call_duration_seconds == 300


def test_settings_that_are_given_replace_the_defaults_and_no_others() -> None:
    settings = parse_settings({"record": False, "idle_prompts": [], "endpointing_ms": 800})
    assert settings == AgentSettings(record=False, idle_prompts=(), endpointing_ms=800)


def test_keys_of_other_versions_do_no_harm() -> None:
    assert parse_settings({"ambient_noise": {"enabled": True}, "voice": "en-gb"}) == AgentSettings(
        voice="en-gb"
    )


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_settings(
            {"endpointing_ms": 99, "idle_timeout_ms": "soon", "idle_prompts": "hello", "record": []}
        )
    assert {problem.loc for problem in refused.value.problems} == {
        ("endpointing_ms",),
        ("idle_timeout_ms",),
        ("idle_prompts",),
        ("record",),
    }


@pytest.mark.parametrize(
    ("name", "smallest", "largest"),
    [
        ("endpointing_ms", 100, 5000),
        ("barge_in_ms", 60, 2000),
        ("idle_timeout_ms", 1000, 60_000),
        ("max_call_duration_seconds", 10, 3600),
    ],
)
def test_durations_have_bounds(name: str, smallest: int, largest: int) -> None:
    for value in (smallest, largest):
        assert getattr(parse_settings({name: value}), name) == value
    wrong: list[Any] = [smallest - 1, largest + 1, -1, 1.5, 1e300, None]
    for value in wrong:
        with pytest.raises(InvalidInputError):
            parse_settings({name: value})


@pytest.mark.parametrize("document", [None, [], "record", 7])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_settings(document)
