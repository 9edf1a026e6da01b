"""What a fresh local install begins with: an organization, its key, a way to the carrier, and the demo agent."""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from local.install import demo_agent
from local.install.private_file import write_private
from offhook.adapters.cloudonix.credentials import CREDENTIALS
from offhook.agents.editing import AgentEditor
from offhook.agents.model import Agent
from offhook.clock import system_clock
from offhook.ids import new_uuid
from offhook.organizations.limits import Limits
from offhook.organizations.model import Organization
from offhook.organizations.usecases import create_key
from offhook.ports import Ports, Repositories
from offhook.telephony.form import ConfigurationForm
from offhook.telephony.model import PhoneNumber
from offhook.telephony.ports import SecretBox
from offhook.telephony.usecases import add_configuration
from offhook.tools.in_workflows import ToolsInWorkflows

ORGANIZATION_ID = "demo"
CLOUDONIX_DOMAIN = "demo.cloudonix.net"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What one local install must know again after a restart; kept in its data folder, for its owner's eyes."""

    install_secret: str
    carrier_token: str

    @classmethod
    def keep_in(cls, folder: Path) -> "Secrets":
        """Return the folder's secrets; make them on the first start."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "secrets.json"
        if path.exists():
            return cls(**json.loads(path.read_text()))
        made = cls(install_secret=secrets.token_hex(32), carrier_token=secrets.token_hex(16))
        write_private(path, json.dumps(asdict(made)))
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What was made for the user: the key and the demo agent's addresses."""

    organization_id: str
    api_key: str = field(repr=False)
    agent_uuid: str
    trigger_path: str


def plant(ports: Ports, carrier_token: str, folder: Path) -> Seed:
    """Make what a fresh install begins with, once; return it, also on later starts."""
    path = folder / "seed.json"
    if path.exists():
        return Seed(**json.loads(path.read_text()))
    now, store = system_clock(), ports.store
    store.organizations.ensure(Organization(id=ORGANIZATION_ID, created_at=now))
    # The same few people are called for practice, as often as somebody likes to look.
    store.organizations.set_limits(ORGANIZATION_ID, Limits(calls_per_number_per_day=100))
    if not store.telephony.list(ORGANIZATION_ID):
        _plant_telephony(store, ports.secret_box, carrier_token)
    agent = _plant_agent(
        AgentEditor(
            agents=store.agents,
            tools=ToolsInWorkflows(tools=store.tools, documents=store.knowledge, agents=store.agents),
            offered=ports.offered,
            clock=system_clock,
        )
    )
    _, api_key = create_key(store.organizations, ORGANIZATION_ID, name="local", scopes=None, now=now)
    seed = Seed(
        organization_id=ORGANIZATION_ID,
        api_key=api_key,
        agent_uuid=agent.uuid,
        trigger_path=demo_agent.TRIGGER_PATH,
    )
    write_private(path, json.dumps(asdict(seed)))
    return seed


def _plant_agent(editor: AgentEditor) -> Agent:
    # A start that was killed half-way has left the agent, and nobody the key: everything that is there is used again.
    there = editor.agents.page(ORGANIZATION_ID, status=None, limit=1, before=None).agents
    agent = there[0] if there else _create_agent(editor)
    if agent.published_version is None:
        agent = editor.publish(ORGANIZATION_ID, agent.uuid)
    return agent


def _create_agent(editor: AgentEditor) -> Agent:
    return editor.create(
        ORGANIZATION_ID,
        name="Appointment reminder",
        workflow_definition=demo_agent.WORKFLOW,
        settings=demo_agent.SETTINGS,
    )


def _plant_telephony(store: Repositories, secret_box: SecretBox, carrier_token: str) -> None:
    configuration = add_configuration(
        store.telephony,
        secret_box,
        ORGANIZATION_ID,
        CREDENTIALS,
        ConfigurationForm(
            name="Simulated Cloudonix",
            is_default=True,
            credentials={"domain_id": CLOUDONIX_DOMAIN, "bearer_token": carrier_token},
        ),
        now=system_clock(),
    )
    number = PhoneNumber(
        id=new_uuid(),
        configuration_id=configuration.id,
        organization_id=ORGANIZATION_ID,
        address=demo_agent.CALLER_NUMBER,
        label="Demo",
        is_default_caller=True,
        created_at=configuration.created_at,
        verified_at=configuration.created_at,
        verified_account=configuration.account,
    )
    # As after verifications: the carrier that would be asked was given this very token, and has this number.
    store.telephony.add_number(number)
    store.telephony.claim_account(configuration)
    verified = replace(configuration, verified_at=configuration.created_at)
    store.telephony.update(verified, former=configuration)
