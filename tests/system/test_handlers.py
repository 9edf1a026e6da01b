"""Each entrypoint of AWS Lambda, started from its environment and called with an event of an HTTP API."""

import asyncio
import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.aws import AwsPorts
from offhook.clock import system_clock
from offhook.errors import NotConfiguredError
from offhook.settings import Settings
from offhook.telephony.links import CarrierLinks
from tests.support.cloudonix import add_cloudonix
from tests.support.lambda_context import Context
from tests.support.lambda_runtime import http_event
from tests.support.queues import messages_for
from tests.support.rest import PUBLIC_BASE_URL, Install, Tenant

pytestmark = pytest.mark.every_python


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda:
    """A function started in this process."""

    handler: Any

    def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: str | None = None
    ) -> tuple[int, Any]:
        event = http_event(method, path, headers=headers, body=body)
        reply = self.handler(event, Context())
        assert reply["isBase64Encoded"] is False
        assert reply["headers"]["x-request-id"]
        text = reply["body"]
        is_json = "json" in reply["headers"]["content-type"]
        return reply["statusCode"], json.loads(text) if is_json else text


class Deployment:
    """Starts functions with the environment of one install."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.settings = settings
        self.ports: list[AwsPorts] = []
        for name, value in settings.to_env().items():
            patch.setenv(name, value)

    def start(self, name: str) -> Lambda:
        module = f"functions.{name}.handler"
        sys.modules.pop(module, None)
        started = importlib.import_module(module)
        self.ports.append(started.ports)
        return Lambda(handler=started.handler)

    def close(self) -> None:
        """Close what functions keep open as long as their process lives, which here goes on."""
        for ports in self.ports:
            ports.close()


@pytest.fixture
def deployment(
    install: Install, storage_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    """Return a deployment on the test's AWS and carrier, with an event loop as Lambda's main thread has one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    settings = replace(
        storage_settings,
        public_base_url=PUBLIC_BASE_URL,
        cloudonix_url=install.carrier.url,
        kms_key_id=boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
    )
    with closing(Deployment(settings, monkeypatch)) as made:
        yield made
    asyncio.set_event_loop(None)
    loop.close()


def tenant_of_kms(install: Install, deployment: Deployment, organization_id: str) -> Tenant:
    """Make an organization whose carrier's token is sealed by KMS, as the functions open it."""
    tenant = install.new_tenant(organization_id, has_line=False)
    configuration = add_cloudonix(
        install.store.telephony,
        KmsSecretBox(deployment.settings.kms_key_id),
        organization_id,
        domain=organization_id,
        bearer_token="XI-from-kms",
        now=system_clock(),
    )
    install.add_number(organization_id, configuration.id, "+12025550100")
    return tenant


def test_the_trigger_function_dials_with_a_token_from_kms(
    install: Install, deployment: Deployment, organization_id: str
) -> None:
    tenant = tenant_of_kms(install, deployment, organization_id)
    trigger = deployment.start("trigger")
    status, reply = trigger.call(
        "POST",
        f"/api/v1/public/agent/{tenant.trigger_path}",
        headers={"x-api-key": tenant.api_key, "content-type": "application/json"},
        body='{"phone_number": "+14155550123"}',
    )
    assert (status, reply["status"]) == (200, "initiated")
    (asked,) = install.carrier.asked
    assert (asked.authorization, asked.path) == (
        "Bearer XI-from-kms",
        f"/calls/{organization_id}.cloudonix.net/application",
    )
    status, reply = trigger.call("POST", f"/api/v1/public/agent/{tenant.trigger_path}", body="{")
    assert (status, reply["code"]) == (401, "unauthenticated")


def test_what_the_trigger_function_queues_the_dialer_dials(
    install: Install, deployment: Deployment, organization_id: str
) -> None:
    tenant = tenant_of_kms(install, deployment, organization_id)
    status, reply = deployment.start("trigger").call(
        "POST",
        f"/api/v1/public/agent/{tenant.trigger_path}",
        headers={
            "x-api-key": tenant.api_key,
            "content-type": "application/json",
            "prefer": "respond-async",
        },
        body='{"phone_number": "+14155550123"}',
    )
    assert (status, reply["status"], install.carrier.asked) == (202, "queued", [])
    run_id = reply["workflow_run_id"]
    assert messages_for(install.ports.dials, {run_id}) == [run_id]
    bodies = {"good": f'{{"run_id": {run_id}}}', "bad": "no JSON"}
    records = [{"messageId": name, "body": body} for name, body in bodies.items()]
    answer = deployment.start("dialer").handler({"Records": records}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    (asked,) = install.carrier.asked
    assert (asked.authorization, asked.body["destination"]) == ("Bearer XI-from-kms", "+14155550123")


def test_the_runs_function_lists_runs(deployment: Deployment, tenant: Tenant) -> None:
    status, reply = deployment.start("runs").call(
        "GET", "/api/v1/runs", headers={"x-api-key": tenant.api_key}
    )
    assert (status, reply) == (200, {"items": [], "next_cursor": None})


def test_the_api_key_function_lists_keys(deployment: Deployment, tenant: Tenant) -> None:
    status, reply = deployment.start("api_keys").call(
        "GET", "/api/v1/user/api-keys", headers={"x-api-key": tenant.api_key}
    )
    assert status == 200
    assert [item["id"] for item in reply["items"]] == [tenant.api_key_id]


def test_the_telephony_function_answers_in_cxml(deployment: Deployment) -> None:
    links = CarrierLinks(PUBLIC_BASE_URL, deployment.settings.install_secret)
    path = links.continue_url(1).removeprefix(PUBLIC_BASE_URL)
    status, document = deployment.start("telephony").call("POST", path)
    assert (status, document.endswith("<Response><Hangup /></Response>")) == (200, True)


def test_a_function_without_its_secret_does_not_start(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OFFHOOK_INSTALL_SECRET")
    with pytest.raises(NotConfiguredError, match="OFFHOOK_INSTALL_SECRET"):
        deployment.start("runs")
