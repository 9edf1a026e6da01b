"""What an install has of engines, and what that makes of an agent's settings."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.session import Session

from offhook.agents.engines import POLLY, RECOGNISERS, SYNTHESISERS, TRANSCRIBE
from offhook.agents.offered import Choice, Offered
from offhook.agents.settings import AgentSettings
from offhook.errors import NotConfiguredError
from offhook.settings import Settings

OFFLINE = Offered(recognisers=("embedded",), synthesisers=("embedded",))
AWS = Offered.by(Settings())
BOTH = Offered(recognisers=("transcribe", "embedded"), synthesisers=("polly", "embedded"))


def test_an_agent_that_names_nothing_works_wherever_it_is() -> None:
    settings = AgentSettings()
    assert OFFLINE.choose(settings) == Choice(recogniser="embedded", synthesiser="embedded", voice="en-us+f2")
    assert AWS.choose(settings) == Choice(recogniser="transcribe", synthesiser="polly", voice="Joanna")
    assert BOTH.choose(settings) == AWS.choose(settings)


@pytest.mark.parametrize(
    ("language", "offline", "aws"),
    [
        ("en-US", "en-us+f2", "Joanna"),
        ("en-GB", "en-gb", "Amy"),
        ("en-KE", "en-us+f2", "Joanna"),
        ("de-DE", "de", "Vicki"),
        ("pt-PT", "pt", "Ines"),
        ("PT-br", "pt-br", "Camila"),
        ("zh-CN", "en-us+f2", "Zhiyu"),
        ("", "en-us+f2", "Joanna"),
    ],
)
def test_an_agent_that_names_no_voice_has_one_of_its_language(language: str, offline: str, aws: str) -> None:
    settings = AgentSettings(language=language)
    assert (OFFLINE.choose(settings).voice, AWS.choose(settings).voice) == (offline, aws)


def test_what_is_named_is_chosen_where_it_is_there() -> None:
    settings = AgentSettings(
        recogniser="embedded",
        synthesiser="embedded",
        voice="de",
        second_recogniser="transcribe",
        second_synthesiser="polly",
        second_voice="Ruth+generative",
    )
    assert BOTH.choose(settings) == Choice(
        recogniser="embedded",
        synthesiser="embedded",
        voice="de",
        second_recogniser="transcribe",
        second_synthesiser="polly",
        second_voice="Ruth+generative",
    )


def test_a_second_voice_alone_is_the_same_synthesisers_and_a_second_synthesiser_alone_has_a_voice() -> None:
    voice = AWS.choose(AgentSettings(voice="Joanna+generative", second_voice="Joanna+standard"))
    assert (voice.second_synthesiser, voice.second_voice) == ("polly", "Joanna+standard")
    synthesiser = BOTH.choose(AgentSettings(second_synthesiser="embedded", language="en-GB"))
    assert (synthesiser.second_synthesiser, synthesiser.second_voice) == ("embedded", "en-gb")


def test_the_installs_own_engines_stand_in_for_those_that_it_has_no_longer() -> None:
    settings = AgentSettings(
        recogniser="transcribe",
        synthesiser="polly",
        voice="Vicki",
        language="de-DE",
        second_recogniser="transcribe",
    )
    assert OFFLINE.choose(settings) == Choice(
        recogniser="embedded",
        synthesiser="embedded",
        voice="de",
        missing=("transcribe", "polly", "Vicki"),
    )


@pytest.mark.parametrize(("names", "sentence"), [("", "is empty"), ("polly,tacotron", "has no 'tacotron'")])
def test_an_operators_slip_is_told_with_what_there_is(names: str, sentence: str) -> None:
    with pytest.raises(NotConfiguredError, match=f"OFFHOOK_SYNTHESISERS {sentence}.*embedded, polly"):
        Offered.by(Settings(synthesisers=names))


def test_the_voices_are_those_of_the_sdks_model() -> None:
    model: Any = Session().get_service_model("polly")
    offer = SYNTHESISERS[POLLY]
    assert set(offer.voices) == set(model.shape_for("VoiceId").enum)
    assert {engine for voice in offer.voices.values() for engine in voice.variants} == set(
        model.shape_for("Engine").enum
    )


def test_a_voice_speaks_with_its_usual_engine_where_it_names_none() -> None:
    offer = SYNTHESISERS[POLLY]
    assert offer.told_apart("Joanna") == ("Joanna", "neural")
    assert offer.told_apart("Penelope") == ("Penelope", "standard")
    assert offer.told_apart("Tiffany") == ("Tiffany", "generative")
    assert offer.told_apart("Joanna+standard") == ("Joanna", "standard")


def test_a_language_is_spelled_as_its_recogniser_does() -> None:
    assert RECOGNISERS[TRANSCRIBE].spelling("EN-us") == "en-US"
    assert RECOGNISERS[TRANSCRIBE].spelling("en") is None


MODELS = Offered(
    recognisers=("embedded",),
    synthesisers=("embedded",),
    models=("bedrock", "openai"),
    model_ids={"bedrock": "us.amazon.nova-lite-v1:0", "openai": ""},
)


def models_of(offered: Offered, **settings: Any) -> tuple[str, str, str | None, str]:
    choice = offered.choose(AgentSettings(**settings))
    return choice.model, choice.model_id, choice.second_model, choice.second_model_id


def test_an_agent_that_names_no_model_has_the_installs() -> None:
    assert models_of(OFFLINE) == ("embedded", "", None, "")
    assert models_of(MODELS) == ("bedrock", "us.amazon.nova-lite-v1:0", None, "")
    assert models_of(MODELS, model_id="amazon.nova-pro-v1:0")[:2] == ("bedrock", "amazon.nova-pro-v1:0")


def test_a_second_model_is_another_engines_or_another_of_the_same() -> None:
    nova = "us.amazon.nova-lite-v1:0"
    assert models_of(MODELS, second_model_id="b") == ("bedrock", nova, "bedrock", "b")
    assert models_of(MODELS, second_model="openai", second_model_id="b") == ("bedrock", nova, "openai", "b")
    assert models_of(MODELS, model="openai", model_id="a", second_model="bedrock") == (
        "openai",
        "a",
        "bedrock",
        nova,
    )


def test_where_there_is_a_second_region_the_same_model_is_asked_there() -> None:
    there = replace(MODELS, has_second_region=True)
    assert models_of(there, model_id="a") == ("bedrock", "a", "bedrock", "a")
    assert models_of(there, model="openai", model_id="a")[2] is None


def test_the_installs_own_model_stands_in_for_one_that_it_has_no_longer() -> None:
    settings = AgentSettings(model="embedded", model_id="a", second_model="embedded")
    choice = MODELS.choose(settings)
    assert (choice.model, choice.model_id, choice.second_model) == (
        "bedrock",
        "us.amazon.nova-lite-v1:0",
        None,
    )
    assert choice.missing == ("embedded",)
