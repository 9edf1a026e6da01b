"""`offhook up --speech`: calls through Transcribe's and Polly's own protocols, and what is told when there is no account."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from local.install.speech import OwnAws, SpeechMode, make_speech
from local.processes.children import Child
from offhook.json_types import JsonObject
from tests.support.capturing_agents import call_for_a_number
from tests.support.recordings import Recording
from tests.support.whole_install import WholeInstall, offhook, whole_install

pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeInstall]:
    with whole_install(tmp_path_factory.mktemp("up"), "--speech", "aws-local") as running:
        yield running


def test_a_whole_call_is_heard_by_transcribe_and_spoken_by_polly(install: WholeInstall) -> None:
    run = install.wait_until_over(install.call("+15555550101", customer_name="Ada"))
    assert (run["status"], run["disposition"], run["failure"]) == ("completed", "rescheduled", None)
    assert run["gathered_context"] == {"day": "Thursday"}
    recording, transcript = (
        httpx.get(run[link], trust_env=False) for link in ("recording_url", "transcript_url")
    )
    segments = transcript.json()["segments"]
    assert [line["text"] for line in segments if line["speaker"] == "caller"] == [
        "no another day",
        "thursday",
        "yes that is right",
    ]
    heard = Recording.read(recording.content)
    for line in segments:
        assert getattr(heard, line["speaker"]).voiced_ms(line["start_ms"], line["end_ms"])
    usage = run["usage_info"]
    # Transcribe gets all of a call; the offline recogniser gets what is said, which is not half of it.
    assert usage["stt_seconds"] == pytest.approx(usage["call_duration_seconds"], abs=1.5)
    assert [event for event in install.events(run["id"]) if event["type"] == "error"] == []


@pytest.mark.long
def test_a_number_is_dictated_mended_and_confirmed(install: WholeInstall) -> None:
    run = call_for_a_number(install, "+15555550141")
    assert (run["status"], run["disposition"], run["failure"]) == ("completed", "captured", None)
    assert run["gathered_context"] == {"value": "+14155550107"}
    captures = [event["data"] for event in install.events(run["id"]) if event["type"] == "capture"]
    assert [capture["heard"] for capture in captures] == [
        "four one five five five five oh one oh oh",
        "4155550107",
    ]


def test_machines_are_heard_as_well_as_people(install: WholeInstall) -> None:
    run = install.wait_until_over(install.call("+15555550119"))
    assert (run["answered_by"], run["end_reason"]) == ("not_in_service", "number_not_in_service")


def test_agents_choose_among_services_and_the_machines_own_engines(install: WholeInstall) -> None:
    agent = f"/api/v1/agents/{install.first_line['agent_uuid']}"
    refused = install.http.patch(agent, json={"settings": {"voice": "Joanna+long-form"}})
    assert "with one of neural, standard, generative" in refused.text
    settings = {"recogniser": "embedded", "synthesiser": "embedded", "voice": "en-gb"}
    made = install.http.post(f"{agent}/duplicate", json={})
    assert made.status_code == 201, made.text
    saved = install.http.patch(f"/api/v1/agents/{made.json()['uuid']}", json={"settings": settings})
    assert saved.status_code == 200, saved.text


def test_without_an_account_it_says_what_is_missing(tmp_path: Path) -> None:
    env = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "none",
        "AWS_CONFIG_FILE": "none",
    }
    tried = offhook("up", "--speech", "aws", "--port", "0", cwd=tmp_path, env=env)
    assert tried.status == 1
    assert "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in tried.err
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
    tried = offhook("up", "--speech", "aws", "--port", "0", cwd=tmp_path, env=env | keys)
    assert tried.status == 1
    assert "Set AWS_REGION" in tried.err
    tried = offhook("up", "--speech", "aws", "--port", "0", cwd=tmp_path, env=env | {"AWS_PROFILE": "work"})
    assert tried.status == 1
    assert "profile (work) could not be found" in tried.err


async def test_the_account_is_for_the_speech_of_the_streamer_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[work]\naws_access_key_id = AKIB\naws_secret_access_key = s\n")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    own = OwnAws.find()
    # What the install has set for its embedded AWS by then.
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "local")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    ready: JsonObject = {"recognise_url": "ws://127.0.0.1:2", "synthesise_url": "ws://127.0.0.1:3"}
    process = await asyncio.create_subprocess_exec("true")
    offline = Child(module="local.speech", ready=ready, process=process, stop_limit_s=1)
    await process.wait()
    async with AsyncExitStack() as stack:
        speech = await make_speech(stack, SpeechMode.AWS, offline, tmp_path, own)
    assert speech.settings["OFFHOOK_RECOGNISERS"].startswith("transcribe,")
    assert speech.settings["OFFHOOK_SYNTHESISERS"].startswith("polly,")
    assert "OFFHOOK_TRANSCRIBE_URL" not in speech.settings
    assert speech.sdk["AWS_PROFILE"] == "work"
    assert speech.sdk["AWS_ACCESS_KEY_ID"] == "AKIA"
    assert speech.sdk["AWS_SESSION_TOKEN"] is None
    assert speech.sdk["AWS_ENDPOINT_URL_POLLY"] == "https://polly.eu-west-1.amazonaws.com"
    assert "AWS_ENDPOINT_URL" not in speech.sdk
