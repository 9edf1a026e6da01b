"""The engines that an agent chooses: what they lack is told when it is saved, and what they are is what its calls run on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import espeakng_loader
import httpx
import pytest

from local.install.ports import LocalPorts
from local.install.rest import create_rest
from offhook.agents.engines import EMBEDDED, RECOGNISERS, SYNTHESISERS
from offhook.errors import EngineError, NotConfiguredError
from offhook.json_types import JsonObject
from offhook.runs.log.events import ErrorEvent
from offhook.runs.model import RunStatus
from offhook.settings import Settings
from streamer.engine_room import EngineRoom, make_engine_room
from streamer.sockets.close_codes import CloseCode
from tests.support.engines import (
    ScriptedModel,
    ScriptedRecogniser,
    ScriptedSynthesiser,
    make_engines,
    only,
)
from tests.support.phone import dial
from tests.support.rest import Install, Tenant, served
from tests.support.town import UTTERANCE, Town, hear_greeting

KEYS: dict[str, Any] = {
    "nodes": [
        {"id": "ask", "type": "startCall", "data": {"name": "Ask", "say": "Zum Beenden die Eins."}},
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Tschuess."}},
    ],
    "edges": [{"id": "one", "source": "ask", "target": "bye", "data": {"dtmf": "1"}}],
}
WORDS: dict[str, Any] = {
    **KEYS,
    "edges": [{"id": "one", "source": "ask", "target": "bye", "data": {"dtmf": "1", "phrases": ["eins"]}}],
}

Send = Callable[..., httpx.Response]


@pytest.fixture
def send(install: Install, tenant: Tenant) -> Send:
    def send(method: str, path: str = "", **document: Any) -> httpx.Response:
        return install.http.request(method, f"/api/v1/agents{path}", headers=tenant.headers, json=document)

    return send


def faults(reply: httpx.Response) -> dict[str, str]:
    assert reply.status_code == 422, reply.text
    return {".".join(map(str, error["loc"])): error["msg"] for error in reply.json()["errors"]}


def test_a_voice_and_a_language_that_the_engines_do_not_have_are_named_with_those_that_they_have(
    send: Send,
) -> None:
    settings = {"voice": "Joanna", "language": "de-DE"}
    found = faults(send("POST", name="Menu", workflow_definition=WORDS, settings=settings))
    assert set(found) == {"body.settings.voice", "body.settings.language"}
    assert "en-us" in found["body.settings.voice"]
    assert "f2" in found["body.settings.voice"]
    assert "use en, of any region" in found["body.settings.language"]


@pytest.mark.parametrize("voice", ["de", "en-gb+m3", "en-us+f2", "fr-fr+Annie"])
def test_an_agent_of_keys_alone_may_speak_any_language(send: Send, voice: str) -> None:
    settings = {"voice": voice, "language": "de-DE"}
    made = send("POST", name="Menu", workflow_definition=KEYS, settings=settings)
    assert made.status_code == 201, made.text
    path = f"/{made.json()['uuid']}"
    # Once it goes by words as well, it needs somebody who knows them, whichever of the two is edited.
    assert set(faults(send("PATCH", path, workflow_definition=WORDS))) == {"body.settings.language"}
    changed = send("PATCH", path, workflow_definition=WORDS, settings={"voice": voice, "language": "en-GB"})
    assert changed.status_code == 200
    voicemail = {"action": "hang_up"}
    assert "body.settings.language" in faults(
        send("PATCH", path, workflow_definition=KEYS, settings={**settings, "voicemail": voicemail})
    )


def test_a_draft_of_an_earlier_time_is_looked_at_again_when_it_is_published(
    send: Send, install: Install, tenant: Tenant
) -> None:
    agent_uuid = send("POST", name="Menu", workflow_definition=KEYS).json()["uuid"]
    agents = install.store.agents
    agent = agents.get(tenant.organization_id, agent_uuid)
    draft = agents.get_version(agent_uuid, 1)
    agents.save(agent, replace(draft, settings={"voice": "Joanna"}), [])
    assert set(faults(send("POST", f"/{agent_uuid}/publish"))) == {"draft.settings.voice"}


@pytest.mark.parametrize("voice", ["en-us+", "en-us+nobody", "", "en-us+f2+f3", "EN-US"])
def test_a_voice_is_one_that_there_is(send: Send, voice: str) -> None:
    found = faults(send("POST", name="Menu", workflow_definition=KEYS, settings={"voice": voice}))
    assert set(found) == {"body.settings.voice"}


def test_the_offer_is_what_espeak_has() -> None:
    data = Path(espeakng_loader.get_data_path())
    variants = {file.name for file in (data / "voices" / "!v").iterdir()}
    lines = [
        line.split()
        for file in (data / "lang").rglob("*")
        if file.is_file()
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    tags = {words[1] for words in lines if len(words) > 1 and words[0] == "language"}
    offer = SYNTHESISERS[EMBEDDED]
    assert set(offer.voices) <= tags
    plain = {name for name in variants if " " not in name}
    assert all(set(voice.variants) == plain for voice in offer.voices.values())


def test_each_engine_that_is_offered_can_be_made() -> None:
    settings = Settings(
        recognisers="transcribe,embedded",
        synthesisers="embedded, polly",
        recogniser_url="ws://127.0.0.1:1/a",
        synthesiser_url="ws://127.0.0.1:1/b",
    )
    room = make_engine_room(settings, only(ScriptedModel()))
    assert list(room.recognisers) == ["transcribe", "embedded"]
    assert list(room.synthesisers) == ["embedded", "polly"]
    assert set(room.recognisers) == set(RECOGNISERS)
    assert set(room.synthesisers) == set(SYNTHESISERS)
    with pytest.raises(NotConfiguredError, match="OFFHOOK_SYNTHESISER_URL"):
        make_engine_room(replace(settings, synthesiser_url=""), only(ScriptedModel()))


def test_an_install_on_aws_needs_a_region_and_no_speech_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    room = make_engine_room(Settings(), only(ScriptedModel()))
    assert (set(room.recognisers), set(room.synthesisers)) == ({"transcribe"}, {"polly"})
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(NotConfiguredError, match="AWS_REGION"):
        make_engine_room(Settings(), only(ScriptedModel()))


def test_an_engine_that_this_install_has_not_is_refused_with_those_that_it_has(send: Send) -> None:
    settings = {
        "recogniser": "transcribe",
        "second_synthesiser": "polly",
        "second_voice": "Joanna",
        "model": "bedrock",
    }
    found = faults(send("POST", name="Menu", workflow_definition=KEYS, settings=settings))
    assert found == {
        "body.settings.recogniser": "This install has no transcribe: use 'embedded', or leave it out.",
        "body.settings.second_synthesiser": "This install has no polly: use 'embedded', or leave it out.",
        "body.settings.model": "This install has no bedrock: use 'embedded', or leave it out.",
    }


def test_the_embedded_model_is_one_and_has_no_ids(send: Send) -> None:
    found = faults(send("POST", name="Menu", workflow_definition=KEYS, settings={"model_id": "m"}))
    assert found == {"body.settings.model_id": "The model embedded has no others: leave `model_id` out."}


@pytest.fixture(scope="module")
def url_on_aws(running_install: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = replace(
        running_install.ports.settings,
        recognisers="transcribe",
        synthesisers="polly",
        models="bedrock,openai",
        bedrock_model="us.amazon.nova-lite-v1:0",
    )
    ports = LocalPorts(settings, key_file=tmp_path_factory.mktemp("on-aws") / "key")
    ports.store = running_install.store
    with served(create_rest(ports)) as url:
        yield url


class TestOnAws:
    """An install that has services for its engines."""

    @pytest.fixture
    def send(self, url_on_aws: str, tenant: Tenant) -> Iterator[Send]:
        with httpx.Client(base_url=url_on_aws, headers=tenant.headers, timeout=30) as http:
            yield lambda method, path="", **document: http.request(
                method, f"/api/v1/agents{path}", json=document
            )

    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"language": "de-DE"},
            {"voice": "Joanna+generative", "second_voice": "Joanna+standard"},
            {"languages": ["en-US", "es-US"], "preferred_language": "es-US", "vocabularies": ["a", "b"]},
            {"language": "EN-gb", "vocabularies": ["streets"], "second_recogniser": "transcribe"},
            {"model": "openai", "model_id": "qwen3:4b", "second_model": "bedrock", "max_reply_tokens": 200},
            {"second_model_id": "us.amazon.nova-pro-v1:0", "temperature": 0.3},
            {"guardrail": {"id": "abc123", "version": "7"}},
        ],
    )
    def test_an_agent_may_ask_what_its_services_can(self, send: Send, settings: JsonObject) -> None:
        made = send("POST", name="Menu", workflow_definition=WORDS, settings=settings)
        assert made.status_code == 201, made.text

    @pytest.mark.parametrize(
        ("settings", "field", "sentence"),
        [
            ({"recogniser": "embedded"}, "recogniser", "This install has no embedded: use 'transcribe'"),
            ({"language": "en"}, "language", "use en-US, en-GB"),
            ({"language": "kl-GL"}, "language", "does not know this language"),
            ({"languages": ["en-US", "kl-GL"]}, "languages", "does not know this language"),
            ({"languages": ["en-US"]}, "", "name two, or none"),
            ({"languages": ["en-US", "en-GB"]}, "", "only one region"),
            ({"languages": ["en-US", "es-US"], "preferred_language": "de-DE"}, "", "must be one of"),
            ({"vocabularies": ["a", "b"]}, "", "Name one of `vocabularies`"),
            ({"vocabularies": ["a b"]}, "vocabularies.0", "the form that is asked for"),
            ({"voice": "en-us+f2"}, "voice", "use one of Joanna"),
            ({"voice": "Gregory+generative"}, "voice", "with one of neural, long-form."),
            ({"second_voice": "Gregory+standard"}, "second_voice", "with one of neural, long-form."),
            ({"model": "embedded"}, "model", "This install has no embedded: use 'bedrock' or 'openai'"),
            ({"model": "openai"}, "model_id", "Name the model that openai is asked for"),
            ({"second_model": "openai"}, "second_model_id", "Name the model that openai is asked for"),
            ({"model_id": "no spaces"}, "model_id", "the form that is asked for"),
            (
                {"model": "openai", "model_id": "m", "guardrail": {"id": "abc123"}},
                "guardrail",
                "has no guardrails",
            ),
            ({"guardrail": {"id": "abc123", "version": "latest"}}, "guardrail.version", "form"),
            ({"temperature": 1.5}, "temperature", "at most 1"),
            ({"max_reply_tokens": 1}, "max_reply_tokens", "at least 32"),
        ],
    )
    def test_what_its_services_can_not_is_refused_with_what_they_can(
        self, send: Send, settings: JsonObject, field: str, sentence: str
    ) -> None:
        found = faults(send("POST", name="Menu", workflow_definition=WORDS, settings=settings))
        (where, message), *others = found.items()
        assert where == f"body.settings.{field}".removesuffix(".")
        assert sentence in message
        assert not others


def test_the_offline_recogniser_has_neither_vocabularies_nor_languages_to_tell_apart(send: Send) -> None:
    settings = {"vocabularies": ["streets"], "languages": ["en-US", "de-DE"]}
    found = faults(send("POST", name="Menu", workflow_definition=WORDS, settings=settings))
    assert set(found) == {"body.settings.vocabularies", "body.settings.languages"}


class TestOfAnotherInstall:
    """An agent that was made where there were other engines."""

    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {"recogniser": "transcribe", "synthesiser": "polly", "voice": "Joanna", "language": "en-GB"}

    async def test_its_calls_go_on_with_the_engines_that_there_are_and_its_log_says_so(
        self, town: Town
    ) -> None:
        speaking = ScriptedSynthesiser()
        room = EngineRoom(
            recognisers={EMBEDDED: ScriptedRecogniser()},
            synthesisers={EMBEDDED: speaking},
            models=only(ScriptedModel()),
        )
        async with town.streamer(room=room) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await hear_greeting(phone)
            await phone.hang_up()
        assert town.stored_run.status is RunStatus.COMPLETED
        assert set(speaking.voices) == {"en-gb"}
        (told,) = town.told(ErrorEvent)
        assert (told["code"], told["recoverable"]) == ("engine-not-offered", True)
        assert "no transcribe, polly, Joanna" in str(told["message"])


class TestOfKeysAlone:
    @pytest.fixture
    def workflow(self) -> JsonObject:
        return KEYS

    async def test_a_call_of_keys_alone_asks_no_recogniser(self, town: Town) -> None:
        away = ScriptedRecogniser(error=EngineError("It is away.", engine="scripted"))
        engines = make_engines(recogniser=away)
        async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await phone.wait_until(lambda: bool(phone.marks))
            await phone.confirm(phone.marks[0])
            await phone.say(UTTERANCE)
            await phone.press("1")
            await phone.hear_out()
            assert await phone.wait_closed() == CloseCode.NORMAL
        assert town.stored_run.status is RunStatus.COMPLETED


class TestOfOtherEngines:
    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {"synthesiser": EMBEDDED}

    async def test_the_call_runs_on_the_engines_of_its_settings(self, town: Town) -> None:
        chosen, other = ScriptedSynthesiser(), ScriptedSynthesiser()
        room = EngineRoom(
            recognisers={EMBEDDED: ScriptedRecogniser()},
            synthesisers={"other": other, EMBEDDED: chosen},
            models=only(ScriptedModel()),
        )
        async with town.streamer(room=room) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await phone.wait_until(lambda: bool(phone.marks))
            await phone.hang_up()
        assert chosen.asked
        assert not other.asked
