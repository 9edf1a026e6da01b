"""The REST API on a real socket over real storage, and an organization that is ready to call."""

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from local.install.ports import LocalPorts
from local.install.rest import create_rest
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.agents.editing import AgentEditor
from offhook.clock import system_clock
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from offhook.organizations.model import Organization, Scope
from offhook.organizations.usecases import create_key
from offhook.settings import Settings
from offhook.telephony.model import PhoneNumber
from offhook.tools.in_workflows import ToolsInWorkflows
from tests.support.carrier import ScriptedCarrier
from tests.support.cloudonix import add_cloudonix
from tests.support.tenant_copies import TenantCopies

PUBLIC_BASE_URL = "https://voice.example.net"
BEARER_TOKEN = "XI-the-secret-of-the-carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organization with a key, a number to call from, and a published agent with a trigger."""

    organization_id: str
    api_key: str
    api_key_id: str
    agent_uuid: str
    trigger_path: str
    configuration_id: str
    number_id: str
    caller_number: str
    cloudonix_domain: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.api_key}


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """A running install, seen from inside (store) and outside (http)."""

    store: Store
    ports: LocalPorts
    http: httpx.Client
    carrier: ScriptedCarrier

    def new_tenant(self, organization_id: str, *, has_line: bool = True) -> Tenant:
        """Make an organization with a published agent and, if it has a line, what it takes to call."""
        now = system_clock()
        self.store.organizations.ensure(Organization(id=organization_id, created_at=now))
        key, full_key = create_key(
            self.store.organizations, organization_id, name="tests", scopes=None, now=now
        )
        number = self._add_line(organization_id) if has_line else None
        trigger_path = f"t-{secrets.token_hex(8)}"
        agent_uuid = self.add_agent(organization_id, trigger_path)
        self.editor.publish(organization_id, agent_uuid)
        return Tenant(
            organization_id=organization_id,
            api_key=full_key,
            api_key_id=key.id,
            agent_uuid=agent_uuid,
            trigger_path=trigger_path,
            configuration_id=number.configuration_id if number else "",
            number_id=number.id if number else "",
            caller_number=number.address if number else "",
            cloudonix_domain=f"{organization_id}.cloudonix.net",
        )

    def _add_line(self, organization_id: str) -> PhoneNumber:
        configuration = add_cloudonix(
            self.store.telephony,
            self.ports.secret_box,
            organization_id,
            domain=organization_id,
            bearer_token=BEARER_TOKEN,
            now=system_clock(),
        )
        return self.add_number(organization_id, configuration.id, "+12025550100", is_default_caller=True)

    def add_number(
        self, organization_id: str, configuration_id: str, address: str, *, is_default_caller: bool = False
    ) -> PhoneNumber:
        number = PhoneNumber(
            id=new_uuid(),
            configuration_id=configuration_id,
            organization_id=organization_id,
            address=address,
            is_default_caller=is_default_caller,
            created_at=system_clock(),
            verified_at=system_clock(),
            verified_account=f"{organization_id}.cloudonix.net",
        )
        self.store.telephony.add_number(number)
        return number

    @property
    def editor(self) -> AgentEditor:
        """What makes, edits and publishes agents."""
        return AgentEditor(
            agents=self.store.agents,
            tools=ToolsInWorkflows(
                tools=self.store.tools, documents=self.store.knowledge, agents=self.store.agents
            ),
            offered=self.ports.offered,
            clock=system_clock,
        )

    def add_agent(
        self,
        organization_id: str,
        trigger_path: str,
        *,
        is_enabled: bool = True,
        settings: JsonObject | None = None,
    ) -> str:
        """Make an agent with a draft, and return its UUID."""
        return self.editor.create(
            organization_id,
            name="Reminder",
            workflow_definition=workflow_with_trigger(trigger_path, is_enabled=is_enabled),
            settings=settings or {},
        ).uuid

    def add_key(self, tenant: Tenant, *scopes: Scope) -> dict[str, str]:
        """Make a key with these scopes and return the headers that carry it."""
        _, full_key = create_key(
            self.store.organizations,
            tenant.organization_id,
            name="narrow",
            scopes=scopes,
            now=system_clock(),
        )
        return {"X-API-Key": full_key}


def workflow_with_trigger(trigger_path: str, *, is_enabled: bool = True) -> JsonObject:
    return {
        "nodes": [
            {"id": "n1", "type": "startCall", "data": {"name": "Greeting", "say": "Hello."}},
            {"id": "n2", "type": "endCall", "data": {"name": "Goodbye", "say": "Goodbye."}},
            {
                "id": "n3",
                "type": "trigger",
                "data": {"name": "API", "trigger_path": trigger_path, "enabled": is_enabled},
            },
        ],
        "edges": [
            {"id": "e1", "source": "n1", "target": "n2", "data": {"label": "done", "condition": "done"}}
        ],
    }


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port, and return its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Connections queue from here on, so nobody needs to wait for the server.
        listener.listen()
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def started_install(store: Store, media: S3Media, settings: Settings, folder: Path) -> Iterator[Install]:
    """Serve the API of what is stored there, with a carrier, for the time of the block."""
    settings = replace(settings, public_base_url=PUBLIC_BASE_URL, allowed_networks="127.0.0.0/8,::1/128")
    ports = LocalPorts(settings, key_file=folder / "key")
    ports.store, ports.media = store, media
    with ScriptedCarrier().serving() as carrier:
        client = CloudonixClient(carrier.url, read_timeout_s=0.4)
        ports.carrier = client
        with served(create_rest(ports)) as url, httpx.Client(base_url=url, timeout=30) as http:
            yield Install(store=store, ports=ports, http=http, carrier=carrier)
        client.close()


@pytest.fixture(scope="session")
def running_install(
    store: Store, media: S3Media, storage_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Install]:
    """Start the API and a carrier, once for each worker."""
    with started_install(store, media, storage_settings, tmp_path_factory.mktemp("install")) as install:
        yield install


@pytest.fixture
def install(running_install: Install) -> Install:
    """Return the running install, whose carrier has forgotten the test before."""
    running_install.carrier.reset()
    return running_install


@pytest.fixture(scope="session")
def tenant_copies(running_install: Install) -> TenantCopies:
    """Make the tenant of which all others are copies, once for each worker."""
    return TenantCopies(running_install, BEARER_TOKEN)


@pytest.fixture
def tenant(install: Install, organization_id: str, tenant_copies: TenantCopies) -> Tenant:
    """Return an organization of this test's own that can call."""
    return tenant_copies.new_tenant(organization_id)
