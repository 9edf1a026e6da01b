"""The command line against the real REST API on a real port: what it prints, and how it fails."""

import json
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import uvicorn

from functions.http.pagination import Cursors
from local.cli import main
from local.commands.target import STATE_FILE, LocalState
from local.key_file import KeyFileSecretBox
from local.rest import RestServices, create_rest
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.agents.model import Agent
from offhook.agents.usecases import create_agent, publish_agent
from offhook.clock import system_clock
from offhook.organizations.model import Organization
from offhook.organizations.usecases import create_key
from offhook.runs.events import EventType, RunEvent
from offhook.runs.model import RunStatus
from offhook.settings import Settings
from offhook.telephony.links import CarrierLinks
from offhook.telephony.model import PhoneNumber
from offhook.telephony.ports import CarrierAccount
from offhook.telephony.usecases import add_configuration

NUMBER = "+12025550143"
WORKFLOW = {
    "nodes": [
        {"id": "start", "type": "startCall", "data": {"name": "Start", "say": "Hello."}},
        {"id": "api", "type": "trigger", "data": {"name": "API", "enabled": True}},
    ],
    "edges": [],
}


@dataclass(slots=True)
class RecordingCarrier:
    """A carrier that takes every call and remembers whom it was asked to call."""

    dialled: list[str] = field(default_factory=list)

    def dial(
        self, account: CarrierAccount, *, destination: str, caller_id: str, cxml: str, callback_url: str
    ) -> str:
        self.dialled.append(destination)
        return f"call-{len(self.dialled)}"

    def hang_up(self, account: CarrierAccount, call_id: str) -> None:
        raise AssertionError("nobody asked to hang up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """A running REST API with one organization, its key, and a published agent."""

    base_url: str
    organization_id: str
    api_key: str
    agent: Agent
    trigger_path: str
    store: Store
    carrier: RecordingCarrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str


Offhook = Callable[..., Outcome]


@pytest.fixture
def install(
    store: Store, media: S3Media, storage_settings: Settings, organization_id: str, tmp_path: Path
) -> Iterator[Install]:
    secret = storage_settings.install_secret
    secret_box = KeyFileSecretBox(tmp_path / "key")
    now = system_clock()
    store.organizations.ensure(Organization(id=organization_id, created_at=now))
    _, api_key = create_key(store.organizations, organization_id, name="test", scopes=None, now=now)
    configuration = add_configuration(
        store.telephony,
        secret_box,
        organization_id,
        name="Cloudonix",
        cloudonix_domain=f"{organization_id}.example.net",
        bearer_token="carrier-token",
        is_default=True,
        now=now,
    )
    store.telephony.add_number(
        PhoneNumber(
            id="number",
            configuration_id=configuration.id,
            organization_id=organization_id,
            address="+12025550100",
        )
    )
    made = create_agent(
        store.agents,
        organization_id,
        name="Reminder",
        workflow_definition=json.loads(json.dumps(WORKFLOW)),
        settings={},
        now=now,
    )
    agent = publish_agent(store.agents, organization_id, made.uuid)
    nodes = json.loads(json.dumps(store.agents.get_version(agent.uuid, 1).workflow_definition))["nodes"]
    carrier = RecordingCarrier()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        services = RestServices(
            organizations=store.organizations,
            agents=store.agents,
            telephony=store.telephony,
            runs=store.runs,
            events=store.events,
            media=media,
            secret_box=secret_box,
            carrier=carrier,
            links=CarrierLinks(base_url, secret),
            cursors=Cursors(secret),
            clock=system_clock,
        )
        server = uvicorn.Server(uvicorn.Config(create_rest(services), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield Install(
            base_url=base_url,
            organization_id=organization_id,
            api_key=api_key,
            agent=agent,
            trigger_path=nodes[1]["data"]["trigger_path"],
            store=store,
            carrier=carrier,
        )
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def offhook(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Offhook:
    """Return a function that runs one command in an empty folder with an empty environment of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFHOOK_API_KEY", raising=False)
    monkeypatch.delenv("OFFHOOK_BASE_URL", raising=False)

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["offhook", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Outcome(code=int(ended.value.code or 0), out=printed.out, err=printed.err)

    return run


@pytest.fixture
def at_home(install: Install, offhook: Offhook) -> Offhook:
    """Return `offhook` in the folder where `offhook up` left its state."""
    LocalState(
        base_url=install.base_url,
        api_key=install.api_key,
        agent_uuid=install.agent.uuid,
        trigger_path=install.trigger_path,
    ).write()
    return offhook


def end(install: Install, run_id: int) -> None:
    """Let the run be over after a short conversation."""
    run = install.store.runs.get(install.organization_id, run_id)
    told: list[tuple[EventType, dict[str, str | int]]] = [
        (EventType.TRANSCRIPT, {"speaker": "agent", "text": "Hello.", "start_ms": 1_000}),
        (EventType.TRANSCRIPT, {"speaker": "caller", "text": "yes", "start_ms": 3_000}),
    ]
    install.store.events.append(
        run_id,
        [
            RunEvent(seq=seq, at=system_clock(), type=kind, data={**data})
            for seq, (kind, data) in enumerate(told, start=1)
        ],
    )
    over = replace(run, ended_at=system_clock(), disposition="no_answer")
    install.store.runs.advance(over, RunStatus.NO_ANSWER)


def test_a_call_needs_no_flag_beside_the_local_install(install: Install, at_home: Offhook) -> None:
    outcome = at_home("call", NUMBER, "--context", "customer_name=Ann", "--json")
    assert outcome.code == 0, outcome.err
    run = install.store.runs.get(install.organization_id, json.loads(outcome.out)["workflow_run_id"])
    assert install.carrier.dialled == [NUMBER]
    assert run.initial_context["customer_name"] == "Ann"


def test_a_call_can_name_the_agent_and_take_key_and_address_from_the_environment(
    install: Install, offhook: Offhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_BASE_URL", install.base_url + "/")
    monkeypatch.setenv("OFFHOOK_API_KEY", install.api_key)
    outcome = offhook("call", NUMBER, "--agent", install.agent.uuid)
    assert (outcome.code, install.carrier.dialled) == (0, [NUMBER])
    assert "offhook tail " in outcome.out


def test_tail_shows_who_said_what_and_then_the_run(install: Install, at_home: Offhook) -> None:
    run_id = json.loads(at_home("call", NUMBER, "--json").out)["workflow_run_id"]
    end(install, run_id)
    lines = at_home("tail", str(run_id)).out.splitlines()
    assert lines[:2] == ["  0:01  agent    Hello.", "  0:03  caller   yes"]
    assert f"run        {run_id}" in lines[3]
    assert lines[4] == "status     no_answer"


def test_tail_follows_a_run_that_is_not_over_yet(install: Install, at_home: Offhook) -> None:
    run_id = json.loads(at_home("call", NUMBER, "--json").out)["workflow_run_id"]
    ending = threading.Timer(0.2, end, (install, run_id))
    ending.start()
    outcome = at_home("tail", str(run_id), "--json")
    ending.join()
    *events, run = [json.loads(line) for line in outcome.out.splitlines()]
    assert [event["seq"] for event in events] == [1, 2]
    assert run["status"] == "no_answer"


def test_runs_lists_the_latest_first(install: Install, at_home: Offhook) -> None:
    first = json.loads(at_home("call", NUMBER, "--json").out)["workflow_run_id"]
    second = json.loads(at_home("call", NUMBER, "--json").out)["workflow_run_id"]
    head, *rows = at_home("runs").out.splitlines()
    assert head.split()[:2] == ["run", "created"]
    assert [row.split()[0] for row in rows] == [str(second), str(first)]
    assert json.loads(at_home("runs", "--status", "completed", "--json").out)["items"] == []


def test_a_key_is_made_listed_archived_and_made_usable_again(install: Install, at_home: Offhook) -> None:
    made = json.loads(at_home("keys", "create", "--name", "crm", "--scope", "runs:read", "--json").out)
    assert made["scopes"] == ["runs:read"]
    assert made["id"] in at_home("keys", "list").out
    assert made["api_key"] not in at_home("keys", "list", "--json").out
    assert at_home("keys", "archive", made["id"]).code == 0
    assert made["id"] not in at_home("keys", "list").out
    assert made["id"] in at_home("keys", "list", "--archived").out
    assert at_home("keys", "reactivate", made["id"]).code == 0
    assert made["id"] in at_home("keys", "list").out


def test_bootstrap_makes_an_organization_and_a_key_that_opens_the_door(
    install: Install,
    offhook: Offhook,
    storage_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in storage_settings.to_env().items():
        monkeypatch.setenv(name, value)
    organization = f"{install.organization_id}-new"
    # As an operator has it, who talks to an install from the same shell.
    monkeypatch.setenv("OFFHOOK_BASE_URL", install.base_url)
    made = json.loads(offhook("keys", "create", "--bootstrap", "--organization", organization, "--json").out)
    assert made["organization_id"] == organization
    monkeypatch.setenv("OFFHOOK_API_KEY", made["api_key"])
    assert offhook("runs").out == "No runs yet.\n"


def test_doctor_finds_nothing_wrong_with_a_running_install(install: Install, at_home: Offhook) -> None:
    outcome = at_home("doctor")
    assert outcome.code == 0, outcome.out
    assert f"answers at {install.base_url}" in outcome.out
    assert "ok   key        valid" in outcome.out


def test_doctor_says_what_to_do_about_a_wrong_key(
    install: Install, at_home: Offhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_API_KEY", "dg_wrong")
    outcome = at_home("doctor", "--json")
    findings = {f["subject"]: f for f in map(json.loads, outcome.out.splitlines())}
    assert outcome.code == 1
    assert not findings["key"]["is_well"]
    assert "not valid" in findings["key"]["sentence"]


def test_doctor_sees_that_the_port_is_taken(offhook: Offhook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        # An address that certainly nobody answers at stands for a machine without an install.
        LocalState(base_url="http://127.0.0.1:9", api_key="", agent_uuid="", trigger_path="").write()
        outcome = offhook("doctor", "--port", str(other.getsockname()[1]))
    assert outcome.code == 1
    assert "is taken by another program" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        (("tail", "1"), "run"),
        (("call", "12345"), "body.phone_number"),
        (("call", NUMBER, "--trigger", "unknown"), "trigger"),
        (("keys", "archive", "unknown"), "key"),
    ],
)
def test_a_refusal_is_one_sentence_on_stderr(
    at_home: Offhook, arguments: tuple[str, ...], subject: str
) -> None:
    outcome = at_home(*arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert subject in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("call",),
        ("call", NUMBER, "--context", "customer_name"),
        ("call", NUMBER, "--agent", "a", "--trigger", "b"),
        ("runs", "--limit", "0"),
        ("runs", "--status", "strange"),
        ("keys", "create", "--bootstrap"),
        ("keys", "create", "--organization", "acme"),
        ("keys", "create", "--bootstrap", "--organization", "Acme Inc"),
        ("up", "--port", "70000"),
        ("strange",),
    ],
)
def test_a_command_line_that_makes_no_sense_exits_2(offhook: Offhook, arguments: tuple[str, ...]) -> None:
    outcome = offhook(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "Error: " in outcome.err


def test_without_an_install_the_sentence_says_how_to_start_one(offhook: Offhook) -> None:
    LocalState(base_url="http://127.0.0.1:9", api_key="dg_k", agent_uuid="a", trigger_path="t").write()
    outcome = offhook("runs")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("No Offhook answers at http://127.0.0.1:9: ")


def test_the_local_key_is_not_sent_to_another_install(install: Install, offhook: Offhook) -> None:
    LocalState(
        base_url="http://127.0.0.1:9", api_key=install.api_key, agent_uuid="a", trigger_path="t"
    ).write()
    outcome = offhook("runs", "--base-url", install.base_url)
    assert outcome.code == 1
    assert outcome.err.startswith("No API key for ")


def test_the_state_file_is_for_its_owner_only(offhook: Offhook) -> None:
    STATE_FILE.parent.mkdir()
    STATE_FILE.write_text("an older one that everybody can read")
    state = LocalState(base_url="http://127.0.0.1:9", api_key="dg_k", agent_uuid="a", trigger_path="t")
    state.write()
    assert stat.S_IMODE(STATE_FILE.stat().st_mode) == 0o600
    assert LocalState.read() == state
    assert [path.name for path in STATE_FILE.parent.iterdir()] == [STATE_FILE.name]


def test_the_installed_command_fails_without_a_traceback(tmp_path: Path) -> None:
    finished = subprocess.run(
        [Path(sys.executable).with_name("offhook"), "runs", "--base-url", "http://127.0.0.1:9"],
        cwd=tmp_path,
        env={"OFFHOOK_API_KEY": "dg_k"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.count("\n") == 1
