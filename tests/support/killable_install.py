"""A whole install whose parts are processes that can be killed at any moment, and a carrier that knows whom it was asked for.

The carrier, the edge and the REST functions are in the test's own process; AWS, the streamer and each function that no
request calls are processes of their own.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.cloudonix import CloudonixSimulator
from local.install.edge import Edge
from local.install.ports import KEY_FILE_VARIABLE, LocalPorts
from local.install.rest import create_rest
from local.install.seed import CLOUDONIX_DOMAIN, Seed, plant
from local.people.scripts import CallerScript
from local.processes.ports import HOST, take_port
from local.processes.serving import serving
from offhook.adapters.dynamodb.tables import create_tables
from offhook.adapters.s3.media import s3_client
from offhook.adapters.sdk import make_client
from offhook.adapters.sqs.queue import sqs_client
from offhook.agents.engines import EMBEDDED
from offhook.settings import Settings
from streamer.speech.embedded.offline import OfflineSynthesiser
from tests.support.called import Called
from tests.support.killable import Part, started

FUNCTIONS = "dialer aftercall feeder reaper"
CARRIER_TOKEN = "XI-the-secret-of-the-carrier"

# A message of a function that was killed comes back so soon.
_VISIBILITY_SECONDS = 5
# Each look is work for the machine that the calls need.
_POLL_SECONDS = 0.4
_LONGEST_PAGE = 100

Document = dict[str, Any]


@dataclass(kw_only=True)
class KillableInstall:
    """The install, its parts by name, and what its carrier has seen."""

    seed: Seed
    http: httpx.AsyncClient
    called: Called
    parts: Mapping[str, Part]

    async def kill(self, name: str) -> None:
        """Kill a part and start it again."""
        part = self.parts[name]
        await part.kill()
        await part.start()
        if name == "aws":
            # It keeps no queues; to make those that are there again is harmless.
            await asyncio.to_thread(_make_queues)

    async def post(self, path: str, document: Document | None = None) -> Document:
        return self._answer(await self.http.post(f"/api/v1{path}", json=document))

    async def get(self, path: str, **query: str | int) -> Document:
        return self._answer(await self.http.get(f"/api/v1{path}", params=query))

    async def all_of(self, path: str, **query: str | int) -> list[Document]:
        """Return the items of all pages of a list."""
        items: list[Document] = []
        page = await self.get(path, limit=_LONGEST_PAGE, **query)
        while page["next_cursor"] is not None:
            items += page["items"]
            page = await self.get(path, limit=_LONGEST_PAGE, cursor=page["next_cursor"], **query)
        return [*items, *page["items"]]

    async def until(self, condition: Callable[[], Awaitable[bool]], limit_s: float) -> None:
        """Wait until this is true; fail after the limit."""
        end_s = time.monotonic() + limit_s
        while not await condition():
            assert time.monotonic() < end_s, f"it did not come true within {limit_s:.0f} seconds"
            await asyncio.sleep(_POLL_SECONDS)

    @staticmethod
    def _answer(reply: httpx.Response) -> Document:
        assert reply.is_success, reply.text
        document: Document = reply.json()
        return document


@asynccontextmanager
async def killable_install(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    people: Mapping[str, CallerScript],
    *,
    processes: Sequence[str] = (FUNCTIONS,),
    no_answer_seconds: float = 0.3,
) -> AsyncIterator[KillableInstall]:
    """Start all of it; `people` are at the numbers that the carrier can dial.

    `processes` names the functions of each process, which is the name of that part too: each has one of its own on AWS,
    which takes this machine some seconds.
    """
    async with AsyncExitStack() as stack:
        aws = Part("local.aws.server", "--data", str(folder / "aws"), env={})
        speech = Part("local.speech", "--port", "0", env={})
        await started(stack, aws, speech)
        aws.add_arguments("--port", str(aws.ready["url"]).rpartition(":")[2])
        for name, value in _sdk(str(aws.ready["url"])).items():
            monkeypatch.setenv(name, value)
        called, carrier = await _started_carrier(
            stack, people, str(speech.ready["synthesise_url"]), no_answer_seconds
        )
        listener = take_port()
        settings = _settings(carrier.url, f"http://{HOST}:{listener.getsockname()[1]}", speech)
        ports = LocalPorts(settings, key_file=folder / "key")
        stack.callback(ports.close)
        seed = await asyncio.to_thread(_prepare, ports, folder)
        rest_port = await stack.enter_async_context(serving(create_rest(ports)))
        edge = Edge(listener, rest=(HOST, rest_port), streamer=(HOST, rest_port))
        await stack.enter_async_context(edge)
        parts = _parts(edge, processes, {**settings.to_env(), KEY_FILE_VARIABLE: str(folder / "key")})
        await started(stack, *parts.values())
        http = await stack.enter_async_context(_client(settings, seed))
        # The carrier goes first, while those whom it tells of its calls' ends still stand.
        stack.push_async_exit(carrier)
        yield KillableInstall(seed=seed, http=http, called=called, parts={"aws": aws, **parts})


async def _started_carrier(
    stack: AsyncExitStack, people: Mapping[str, CallerScript], synthesise_url: str, no_answer_seconds: float
) -> tuple[Called, CloudonixSimulator]:
    called = Called()
    carrier = CloudonixSimulator(
        {CLOUDONIX_DOMAIN: CARRIER_TOKEN},
        scripts=people,
        synthesiser=OfflineSynthesiser(synthesise_url),
        on_event=called.on_event,
        ring_seconds=0.1,
        no_answer_seconds=no_answer_seconds,
    )
    called.watch(carrier)
    return called, await stack.enter_async_context(carrier)


def _settings(carrier_url: str, public_base_url: str, speech: Part) -> Settings:
    settings = Settings(
        recognisers=EMBEDDED,
        synthesisers=EMBEDDED,
        infrastructure=EMBEDDED,
        install_secret="a-secret-for-tests-of-32-characters",
        public_base_url=public_base_url,
        cloudonix_url=carrier_url,
        recogniser_url=str(speech.ready["recognise_url"]),
        synthesiser_url=str(speech.ready["synthesise_url"]),
        allowed_networks="127.0.0.0/8",
    )
    dials, aftercalls, campaigns = _make_queues()
    return replace(
        settings, dial_queue_url=dials, aftercall_queue_url=aftercalls, campaign_queue_url=campaigns
    )


def _make_queues() -> list[str]:
    client = sqs_client()
    names = ("offhook-dials", "offhook-aftercalls", "offhook-campaigns")
    return [
        client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(_VISIBILITY_SECONDS)})[
            "QueueUrl"
        ]
        for name in names
    ]


def _prepare(ports: LocalPorts, folder: Path) -> Seed:
    create_tables(make_client("dynamodb"), ports.settings)
    s3_client().create_bucket(Bucket=ports.settings.media_bucket)
    return plant(ports, CARRIER_TOKEN, folder)


def _parts(edge: Edge, processes: Sequence[str], env: Mapping[str, str]) -> dict[str, Part]:
    streamer = Part(
        *("local.install.streamer", "--port", "0"),
        env=env,
        on_ready=lambda ready: edge.use_streamer((HOST, int(str(ready["port"])))),
    )
    module = "tests.support.function_process"
    functions = {names: Part(module, *names.split(), env=env) for names in processes}
    return {"streamer": streamer, **functions}


def _client(settings: Settings, seed: Seed) -> httpx.AsyncClient:
    headers = {"X-API-Key": seed.api_key}
    return httpx.AsyncClient(base_url=settings.public_base_url, headers=headers, timeout=20, trust_env=False)


def _sdk(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
