"""What functions find when they start to be measured: an AWS and a carrier of this machine, and one organization."""

import json
import os
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from infra.bundles import Target, functions_bundle
from local.aws.environment import use_aws_at
from local.install.seed import ORGANIZATION_ID, Seed, plant
from local.processes.children import child
from offhook.adapters.dynamodb.tables import create_tables
from offhook.aws import AwsPorts
from offhook.organizations.limits import Limits
from offhook.settings import Settings

_CALLED = "+14155550123"
_SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
_GETS = {
    "runs": "/api/v1/runs",
    "telephony": "/api/v1/telephony-configurations",
    "organization": "/api/v1/organization/limits",
    "agents": "/api/v1/agents",
    "sessions": "/api/v1/streaming-workflows",
    "api_keys": "/api/v1/user/api-keys",
    "campaigns": "/api/v1/campaigns",
    "analytics": "/api/v1/analytics?metric=runs&from=2027-01-30T00:00:00Z&to=2027-01-31T00:00:00Z",
    "docs": "/openapi.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The folder and the environment that every function starts in, and for each one the event that it is asked first."""

    bundle: Path
    environment: Mapping[str, str]
    events: Mapping[str, dict[str, Any]]


class _Carrier(BaseHTTPRequestHandler):
    """Starts every call that it is asked for."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"token": os.urandom(8).hex()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@asynccontextmanager
async def function_world() -> AsyncIterator[World]:
    """Have all of it for the time of the block; the SDK's variables of this process lead there too."""
    async with child("local.aws.server") as aws:
        use_aws_at(str(aws.ready["url"]))
        with _carrier() as carrier_url, TemporaryDirectory() as folder:
            settings = _settings(carrier_url)
            yield World(
                bundle=functions_bundle(target=Target.here()).folder,
                environment=_environment(settings),
                events=_events(_plant(settings, Path(folder))),
            )


@contextmanager
def _carrier() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Carrier) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _settings(carrier_url: str) -> Settings:
    """Return settings of a stack whose tables, queues, key and secret exist."""
    sqs, secrets = boto3.client("sqs"), boto3.client("secretsmanager")
    settings = Settings(
        public_base_url="https://offhook.test",
        install_secret_id=secrets.create_secret(Name="install", SecretString="of-the-benchmark-" * 3)["ARN"],
        kms_key_id=boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
        dial_queue_url=sqs.create_queue(QueueName="dials")["QueueUrl"],
        aftercall_queue_url=sqs.create_queue(QueueName="aftercalls")["QueueUrl"],
        campaign_queue_url=sqs.create_queue(QueueName="campaigns")["QueueUrl"],
        cloudonix_url=carrier_url,
    )
    create_tables(boto3.client("dynamodb"), settings)
    boto3.client("s3").create_bucket(Bucket=settings.media_bucket)
    return settings


def _environment(settings: Settings) -> dict[str, str]:
    # Container images set it; bundles are compiled all the same, which is half of a start.
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, **settings.to_env()}


def _plant(settings: Settings, folder: Path) -> Seed:
    ports = AwsPorts(settings)
    seed = plant(ports, "XI-of-the-benchmark", folder)
    # Each start of the trigger function leaves a call that nobody ends.
    ports.store.organizations.set_limits(ORGANIZATION_ID, replace(Limits(), max_concurrent_calls=1000))
    ports.close()
    return seed


def _events(seed: Seed) -> dict[str, dict[str, Any]]:
    order = json.dumps({"phone_number": _CALLED})
    # A run that is not there: the queues' functions ask the store for it, and are done.
    message = {"Records": [{"messageId": "m1", "body": '{"run_id": 1}', "eventSource": "aws:sqs"}]}
    return {
        "trigger": _http_event(seed, "POST", f"/api/v1/public/agent/{seed.trigger_path}", order),
        **{name: _http_event(seed, "GET", path) for name, path in _GETS.items()},
        "dialer": message,
        "aftercall": message,
        "feeder": _SCHEDULED,
        "reaper": _SCHEDULED,
    }


def _http_event(seed: Seed, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "host": "offhook.test",
            "x-api-key": seed.api_key,
            "content-type": "application/json",
        },
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
            "requestId": "gateway-1",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }
