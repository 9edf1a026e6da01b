"""The streamer as a task starts it: from the archive, with the role's credentials for all of AWS, and a caller on it."""

import asyncio
import hashlib
import json
import venv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import boto3

from infra.bundles import Target, streamer_bundle
from infra.streamer import boot
from local.aws.speech.polly import Polly
from local.aws.speech.server import Addresses, speech_services
from local.aws.speech.signatures import Account
from local.aws.speech.transcribe_stream import Transcribe
from offhook.adapters.dynamodb.store import Store
from offhook.clock import system_clock
from offhook.organizations.model import Organization
from offhook.organizations.usecases import create_key
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunFilter
from offhook.settings import Settings
from tests.support.aws_speech import tones
from tests.support.calls import APPOINTMENT
from tests.support.guarded_s3 import guarded_s3
from tests.support.makers import NOON, make_agent
from tests.support.phone import dial

BOOT = Path(boot.__file__).read_text()
MAX_CALLS = 7


def bare_python(folder: Path) -> str:
    """Return this Python without any of its packages, as the image has it."""
    venv.create(folder, symlinks=True)
    return str(folder / "bin" / "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with an agent and a key, who brings the carrier's credentials along."""

    store: Store
    organization_id: str
    agent_uuid: str
    api_key: str

    @property
    def path(self) -> str:
        query = (
            "provider=cloudonix&session=XI-bearer&AccountSid=acme&CallSid=CA-url&from=+15550100&to=+15550101"
        )
        return f"/api/v1/agent-stream/{self.agent_uuid}?api_key={quote(self.api_key)}&{query}"

    def runs(self) -> list[Run]:
        return list(self.store.runs.list(self.organization_id, RunFilter(), limit=9, before_id=None).runs)


def caller_of(store: Store, organization_id: str) -> Caller:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, replace(draft, workflow_definition=APPOINTMENT, settings={}), [])
    store.organizations.ensure(Organization(id=organization_id, created_at=NOON))
    _, key = create_key(store.organizations, organization_id, name="carrier", scopes=None, now=system_clock())
    return Caller(store=store, organization_id=organization_id, agent_uuid=agent.uuid, api_key=key)


def environment_of(settings: Settings, speech: Addresses, aws_url: str) -> dict[str, str]:
    """Return what the stack writes into the task, with AWS on this machine."""
    name = f"offhook/{uuid4()}"
    manager: Any = boto3.client("secretsmanager")
    manager.create_secret(Name=name, SecretString="the-install-secret-of-this-streamer")
    deployed = replace(
        settings,
        public_base_url="https://voice.example.net",
        install_secret="",
        install_secret_id=name,
        infrastructure="aws",
        recognisers="transcribe",
        synthesisers="polly",
        transcribe_url=speech.transcribe_websocket_url,
        transcribe_ca_file=speech.ca_file,
        max_calls=MAX_CALLS,
    )
    return {
        **deployed.to_env(),
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ENDPOINT_URL_POLLY": speech.polly_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


async def test_a_task_boots_from_its_archive_and_holds_a_call(
    storage_settings: Settings, store: Store, organization_id: str, aws_endpoint_url: str, tmp_path: Path
) -> None:
    caller = caller_of(store, organization_id)
    archive = streamer_bundle(target=Target.here()).archive.read_bytes()
    with guarded_s3(archive) as s3, s3.agent() as role:
        account = Account(access_key_id=s3.access_key_id, secret_access_key=s3.secret_access_key)
        transcribe = Transcribe()
        polly = Polly(speak=tones, faults=transcribe.faults)
        async with speech_services(transcribe, polly, folder=tmp_path, account=account) as speech:
            environment = environment_of(storage_settings, speech, aws_endpoint_url)
            process = await asyncio.create_subprocess_exec(
                *(bare_python(tmp_path / "image"), "-c", BOOT),
                *(s3.address, hashlib.sha256(archive).hexdigest(), "--host", "0.0.0.0", "--port", "0"),
                env={**role, **environment, "TMPDIR": str(tmp_path)},
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdout
            try:
                port = json.loads(await process.stdout.readline())["port"]
                async with dial(port, caller.path) as phone:
                    await phone.start()
                    await phone.wait_until(lambda: len(phone.marks) >= 1)
                    (run,) = await asyncio.to_thread(caller.runs)
                    assert run.status is RunStatus.IN_PROGRESS
                    await phone.hang_up()
                process.terminate()
                left = (await process.stdout.read()).decode()
                assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()
    (run,) = await asyncio.to_thread(caller.runs)
    assert run.status is RunStatus.COMPLETED
    assert [json.loads(line)["Slots"] for line in left.splitlines()][:1] == [MAX_CALLS]
