"""An agent's settings: what an empty document means, what is refused, and what the refusal names."""

from typing import Any

import pytest

from offhook.agents.documents import checked_settings
from offhook.agents.settings import AgentSettings, parse_settings
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject, JsonValue
from offhook.vocabulary import AnsweredBy


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


def test_a_stored_setting_of_another_version_of_the_product_does_no_harm() -> None:
    assert parse_settings({"ambient_noise": {"enabled": True}, "voice": "en-gb"}) == AgentSettings(
        voice="en-gb"
    )


def test_a_given_setting_that_is_not_known_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_settings({"voise": "en-gb", "voicemail": {"acton": "hang_up"}, "record": False})
    assert {problem.loc for problem in refused.value.problems} == {
        ("settings", "voise"),
        ("settings", "voicemail", "acton"),
    }


def test_given_settings_are_stored_without_the_defaults() -> None:
    given: JsonObject = {"retention_days": 9, "voicemail": {"action": "hang_up"}, "idle_prompts": []}
    assert checked_settings(given) == given
    assert checked_settings({}) == {}


@pytest.mark.parametrize("name", ["model", "recogniser", "synthesiser"])
def test_an_engine_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    assert getattr(parse_settings({name: "embedded"}), name) == "embedded"
    with pytest.raises(InvalidInputError) as refused:
        checked_settings({name: "other"})
    assert "'embedded'" in refused.value.problems[0].msg


def test_by_default_whoever_answers_is_talked_to_but_for_the_message_that_nobody_can_be_reached() -> None:
    answerers = parse_settings({}).answered_by
    assert answerers.acted_on == (AnsweredBy.NOT_IN_SERVICE,)
    assert all(answerers.of(kind).phrases is None for kind in AnsweredBy)
    assert not answerers.go_by_words


@pytest.mark.parametrize(
    ("kind", "without", "lacks"),
    [
        ("voicemail", {"action": "leave_message"}, {"message": "Call us back."}),
        ("screening", {"action": "introduce"}, {"message": "This is the clinic."}),
        ("menu", {"action": "press_keys"}, {"keys": "ww0"}),
    ],
)
def test_an_action_takes_what_it_needs(kind: str, without: JsonObject, lacks: JsonObject) -> None:
    assert parse_settings({"answered_by": {kind: {**without, **lacks}}}).answered_by.go_by_words
    for lacking in ({}, dict.fromkeys(lacks, ""), dict.fromkeys(lacks, " "), dict.fromkeys(lacks, "w")):
        if lacking == {"message": "w"}:
            continue
        with pytest.raises(InvalidInputError) as refused:
            checked_settings({"answered_by": {kind: {**without, **lacking}}})
        assert refused.value.problems[0].loc[:3] == ("settings", "answered_by", kind)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("person", "hang_up"),
        ("voicemail", "press_keys"),
        ("screening", "leave_message"),
        ("not_in_service", "introduce"),
    ],
)
def test_an_action_that_no_kind_of_answer_has_is_refused(kind: str, action: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_settings({"answered_by": {kind: {"action": action}}})
    assert refused.value.problems[0].loc == ("settings", "answered_by", kind, "action")


@pytest.mark.parametrize(
    ("former", "now"), [("ignore", "talk"), ("hang_up", "hang_up"), ("leave_message", "leave_message")]
)
def test_the_former_setting_of_voicemail_means_what_it_meant(former: str, now: str) -> None:
    given: JsonObject = {"voicemail": {"action": former, "message": "Hello.", "phrases": ["at the beep"]}}
    assert checked_settings(given) == given
    voicemail = parse_settings(given).answered_by.voicemail
    assert (voicemail.action, voicemail.message, voicemail.phrases) == (now, "Hello.", ("at the beep",))
    assert parse_settings(given).answered_by.go_by_words == (former != "ignore")


def test_the_former_setting_takes_a_message_for_leaving_it_and_stands_beside_no_other() -> None:
    both: JsonObject = {"voicemail": {"action": "hang_up"}, "answered_by": {"menu": {"action": "hang_up"}}}
    assert parse_settings(both).answered_by.acted_on == ("voicemail", "menu", "not_in_service")
    faults: tuple[tuple[JsonObject, tuple[str, ...]], ...] = (
        ({"voicemail": {"action": "leave_message", "message": " "}}, ("settings", "voicemail")),
        ({"voicemail": {"action": "hang_up"}, "answered_by": {"voicemail": {}}}, ("settings",)),
    )
    for faulty, loc in faults:
        with pytest.raises(InvalidInputError) as refused:
            checked_settings(faulty)
        assert refused.value.problems[0].loc == loc


@pytest.mark.parametrize(("name", "largest"), [("max_concurrent_calls", 1000), ("retention_days", 3650)])
def test_a_bound_may_be_left_open(name: str, largest: int) -> None:
    for value in (None, 1, largest):
        assert getattr(parse_settings({name: value}), name) == value
    for value in (0, largest + 1):
        with pytest.raises(InvalidInputError):
            parse_settings({name: value})


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
        ("endpointing_complete_ms", 100, 5000),
        ("endpointing_incomplete_ms", 100, 5000),
        ("barge_in_ms", 60, 5000),
        ("idle_timeout_ms", 1000, 60_000),
        ("max_call_duration_seconds", 10, 3600),
    ],
)
def test_durations_have_bounds(name: str, smallest: int, largest: int) -> None:
    for value in (smallest, largest):
        assert getattr(parse_settings({name: value}), name) == value
    wrong: list[Any] = [smallest - 1, largest + 1, -1, 1.5, 1e300]
    for value in wrong:
        with pytest.raises(InvalidInputError):
            parse_settings({name: value})


@pytest.mark.parametrize("name", ["barge_in", "record"])
@pytest.mark.parametrize("value", [0, 1, "false", "no"])
def test_only_true_and_false_are_yes_and_no(name: str, value: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_settings({name: value})


@pytest.mark.parametrize("document", [None, [], "record", 7])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_settings(document)


def test_pronunciations_say_how_in_one_of_two_ways() -> None:
    given: JsonObject = {
        "pronunciations": [
            {"word": "SQL", "alias": "sequel"},
            {"word": "Nguyen", "ipa": "\u02c8\u014bw\u026a.\u0259n"},
        ]
    }
    assert checked_settings(given) == given
    wrongs: list[JsonObject] = [
        {"word": "SQL"},
        {"word": "SQL", "alias": "sequel", "ipa": "si\u02d0kwel"},
        {"word": "", "alias": "sequel"},
        {"word": "SQL", "ipa": "/si\u02d0kwel/"},
        {"word": "SQL", "ipa": '"/><break/>'},
        {"word": "SQL", "alias": "s" * 201},
    ]
    for wrong in wrongs:
        with pytest.raises(InvalidInputError):
            checked_settings({"pronunciations": [wrong]})
    many: list[JsonValue] = [{"word": "SQL", "alias": "sequel"}] * 101
    with pytest.raises(InvalidInputError):
        checked_settings({"pronunciations": many})
