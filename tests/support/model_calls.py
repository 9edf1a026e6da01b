"""Calls of agents that think with scripted models: many beside each other on one streamer, each with a model of its own name."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from local.aws.key_file import KeyFileSecretBox
from local.aws.speech.signatures import Account
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.models.by_engine import InstalledModels
from offhook.adapters.s3.media import S3Media
from offhook.agents.engines import RECOGNISERS, SYNTHESISERS
from offhook.agents.offered import Offered
from offhook.json_types import JsonObject
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus, RunTelephony
from offhook.settings import Settings
from streamer.engine_room import EngineRoom
from streamer.speech.ports import Listening, Recognition, RecognitionStream
from tests.support.carrier import ScriptedCarrier
from tests.support.cloudonix import add_cloudonix
from tests.support.engines import LevelDetector, ScriptedRecogniser, ScriptedSynthesiser
from tests.support.makers import make_agent, make_run
from tests.support.town import Town

ACCOUNT = Account(access_key_id="test", secret_access_key="test")
"""Whose keys the tests' own AWS has; the SDK's session is one for the process."""

BOTH = ("bedrock", "openai")
"""The engines that scripted models stand behind."""


class EveryCaller:
    """Hears the same words of each caller."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        recogniser = ScriptedRecogniser(*self._texts)
        return await recogniser.open(
            listening=listening, on_recognition=on_recognition, on_failure=on_failure
        )


@asynccontextmanager
async def installed_models(url: str) -> AsyncIterator[InstalledModels]:
    """Make the models as an install has them that finds both engines at this address."""
    settings = Settings(models="embedded,bedrock,openai", llm_url=f"{url}/v1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        models = InstalledModels(settings, Offered.by(settings))
        yield models
        await models.close()


def room_with(models: InstalledModels, *heard: str) -> EngineRoom:
    """Return engines that think with these models, and hear these words of each caller."""
    return EngineRoom(
        recognisers=dict.fromkeys(RECOGNISERS, EveryCaller(*heard)),
        synthesisers=dict.fromkeys(SYNTHESISERS, ScriptedSynthesiser()),
        models=models,
        new_detector=LevelDetector,
    )


def towns_of(
    store: Store,
    media: S3Media,
    carrier: ScriptedCarrier,
    folder: Path,
    workflow: JsonObject,
    settings: Mapping[str, JsonObject],
) -> dict[str, Town]:
    """Make an agent with these settings, and a run, for each name."""
    organization_id = f"org-{secrets.token_hex(6)}"
    box = KeyFileSecretBox(folder / "key")
    configuration = add_cloudonix(
        store.telephony, box, organization_id, domain="acme", bearer_token="secret-token"
    )
    towns = {}
    for number, (name, chosen) in enumerate(settings.items()):
        agent, draft = make_agent(organization_id)
        store.agents.create(agent, replace(draft, workflow_definition=workflow, settings=chosen), [])
        run = make_run(
            organization_id,
            agent_uuid=agent.uuid,
            status=RunStatus.DIALING,
            telephony=RunTelephony(
                configuration_id=configuration.id,
                caller_number="+15550100",
                called_number="+15550101",
                call_id=f"call-{number}",
            ),
            stream_number=1,
        )
        store.runs.create(run)
        towns[name] = Town(store=store, media=media, carrier=carrier, box=box, run=run)
    return towns


def lines_of(town: Town, speaker: str) -> list[str]:
    """Return what one side has said, as the run's transcript has it."""
    return [line.text for line in transcript(town.log) if line.speaker == speaker]
