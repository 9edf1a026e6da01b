"""A whole install: embedded AWS, speech and the streamer as children, the carrier, the functions and the edge here."""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from functions.reaper.services import make_services as make_reaper
from local.aws.environment import ENDPOINT_VARIABLE, use_aws_at
from local.aws.event_sources import VISIBILITY_SECONDS
from local.cloudonix import CloudonixSimulator, DomainProfile
from local.install.background import event_sources
from local.install.bucket import links_origin, make_bucket
from local.install.edge import Edge
from local.install.kept_streamer import KeptStreamer
from local.install.models import ModelMode, Models, make_models
from local.install.ports import KEY_FILE_VARIABLE, LocalPorts
from local.install.rest import create_rest
from local.install.seed import CLOUDONIX_DOMAIN, Secrets, Seed, plant
from local.install.speech import OwnAws, Speech, SpeechMode, make_speech
from local.processes.children import Child
from local.processes.ports import HOST
from local.processes.serving import serving
from offhook.adapters.dynamodb.tables import create_tables
from offhook.adapters.sdk import make_client
from offhook.adapters.sqs.queue import sqs_client
from offhook.settings import Settings
from offhook.telephony.links import API_PATH
from streamer.logs import log_to_stderr
from streamer.speech.embedded.offline import OfflineSynthesiser

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

TRIAL_DOMAIN = "trial.cloudonix.net"
"""The simulated carrier's second domain, for the configurations that people make to try how that is done."""

_QUEUES = {
    "OFFHOOK_DIAL_QUEUE_URL": "offhook-dials",
    "OFFHOOK_AFTERCALL_QUEUE_URL": "offhook-aftercalls",
    "OFFHOOK_CAMPAIGN_QUEUE_URL": "offhook-campaigns",
}
# On this machine the receivers of callbacks are on this machine too.
_ALLOWED_NETWORKS = "127.0.0.0/8,::1/128"
# Who stops it wants it to stop: calls that are still going say goodbye at once.
_DRAIN_SECONDS = 0
# That, and what its calls still need after it: the last flush, the recording, the row.
_STREAMER_STOP_LIMIT_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """A running install: where its parts answer, what it was seeded with, and the children that must stay alive.

    `thinks_at` is the endpoint of its agents' language models, empty where there is none.
    """

    base_url: str
    ws_url: str
    carrier_url: str
    aws_url: str
    cloudonix_domain: str
    cloudonix_token: str = field(repr=False)
    seed: Seed
    folder: Path
    thinks_at: str
    children: tuple[Child | KeptStreamer, ...]


async def start_install(
    stack: AsyncExitStack,
    *,
    aws: Child,
    offline: Child,
    listener: socket.socket,
    folder: Path,
    mode: SpeechMode,
    own_aws: OwnAws | None,
    models_mode: ModelMode | None,
) -> Install:
    """Start what the two children do not hold, each part stopped by `stack`; `listener` is the front door's.

    A variable that already names another carrier, recogniser, synthesiser or AWS endpoint is left as it is.
    Raises OffhookError or OSError with a reason for a person.
    """
    known = Secrets.keep_in(folder)
    edge_port: int = listener.getsockname()[1]
    carrier = await stack.enter_async_context(_carrier(known, offline, edge_port))
    use_aws_at(str(aws.ready["url"]))
    speech = await make_speech(stack, mode, offline, folder, own_aws)
    models = await make_models(stack, models_mode, folder)
    environment = _environment(known, speech, models, carrier_url=carrier.url, edge_port=edge_port)
    environment = await asyncio.to_thread(_with_queues, environment)
    settings = Settings.from_env(environment)
    # A healthy install has nothing to say beside its announcements, unless it is asked to.
    log_to_stderr(os.environ.get("OFFHOOK_LOG_LEVEL", "WARNING"), service="local")
    key_file = folder / "secret-box.key"
    ports = LocalPorts(settings, key_file=key_file)
    stack.callback(ports.close)
    seed = await asyncio.to_thread(_prepare, ports, known, folder, edge_port)
    # Of a carrier or a database elsewhere we do not know that nobody else has these calls.
    if settings.cloudonix_url == carrier.url and os.environ[ENDPOINT_VARIABLE] == aws.ready["url"]:
        # The simulated carrier has ended with its calls: none has survived.
        await asyncio.to_thread(make_reaper(ports).settler.settle_all)
    streamer = await stack.enter_async_context(
        KeptStreamer(
            {**environment, **speech.sdk, KEY_FILE_VARIABLE: str(key_file)},
            stop_limit_s=_STREAMER_STOP_LIMIT_SECONDS,
        )
    )
    # Later than the streamer and earlier than the rest of it: what the last calls still owe is delivered.
    sources = event_sources(ports)
    stack.push_async_callback(asyncio.to_thread, sources.stop)
    await asyncio.to_thread(sources.start)
    rest = create_rest(ports, media_origin=await asyncio.to_thread(links_origin, ports.media))
    rest_port = await stack.enter_async_context(serving(rest))
    edge = Edge(listener, rest=(HOST, rest_port), streamer=streamer.address)
    await stack.enter_async_context(edge)
    streamer.follow(edge.use_streamer)
    # These two end first, while the front door still stands: the agent says goodbye over it, and the carrier tells it
    # what became of the calls that nobody has answered.
    stack.push_async_exit(carrier)
    stack.push_async_callback(streamer.stop)
    return Install(
        base_url=f"http://{HOST}:{edge_port}",
        ws_url=f"ws://{HOST}:{edge_port}",
        carrier_url=settings.cloudonix_url,
        aws_url=os.environ[ENDPOINT_VARIABLE],
        cloudonix_domain=TRIAL_DOMAIN,
        cloudonix_token=known.carrier_token,
        seed=seed,
        folder=folder,
        thinks_at=settings.llm_url,
        children=(aws, offline, *speech.children, *models.children, streamer),
    )


def _carrier(known: Secrets, offline: Child, edge_port: int) -> CloudonixSimulator:
    ours = f"http://{HOST}:{edge_port}{API_PATH}/telephony"
    return CloudonixSimulator(
        dict.fromkeys((CLOUDONIX_DOMAIN, TRIAL_DOMAIN), known.carrier_token),
        # As its owner would set the domain up: its calls come to us, and so does what became of them.
        profiles=[
            DomainProfile(
                name=CLOUDONIX_DOMAIN,
                application_url=f"{ours}/inbound/run",
                cdr_url=f"{ours}/cloudonix/cdr",
            )
        ],
        synthesiser=OfflineSynthesiser(str(offline.ready["synthesise_url"])),
    )


def _environment(
    known: Secrets, speech: Speech, models: Models, *, carrier_url: str, edge_port: int
) -> dict[str, str]:
    ours = {
        "OFFHOOK_PUBLIC_BASE_URL": f"http://{HOST}:{edge_port}",
        "OFFHOOK_INSTALL_SECRET": known.install_secret,
        "OFFHOOK_CLOUDONIX_URL": carrier_url,
        "OFFHOOK_DRAIN_SECONDS": str(_DRAIN_SECONDS),
        "OFFHOOK_ALLOWED_NETWORKS": _ALLOWED_NETWORKS,
    }
    return (
        ours
        | dict(speech.settings)
        | dict(models.settings)
        | {name: value for name, value in os.environ.items() if name.startswith("OFFHOOK_")}
    )


def _with_queues(environment: dict[str, str]) -> dict[str, str]:
    """Add the URLs of the queues that the environment does not name; they are made, for an embedded AWS forgets them."""
    client = sqs_client()
    attributes: Mapping[QueueAttributeNameType, str] = {"VisibilityTimeout": str(VISIBILITY_SECONDS)}
    made = {
        variable: client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        for variable, name in _QUEUES.items()
        if variable not in environment
    }
    return environment | made


def _prepare(ports: LocalPorts, known: Secrets, folder: Path, edge_port: int) -> Seed:
    create_tables(make_client("dynamodb"), ports.settings)
    make_bucket(ports.settings, edge_port)
    return plant(ports, known.carrier_token, folder)
