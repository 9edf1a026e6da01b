"""The command line against the real REST API on a real port: what it prints, and how it fails."""

import json
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import pytest

from local.cli import main
from local.install.state import STATE_FILE, LocalState
from offhook.clock import system_clock
from offhook.runs.model import Run, RunStatus
from offhook.settings import Settings
from tests.support.makers import make_event
from tests.support.rest import Install, Tenant

pytestmark = pytest.mark.every_python

NUMBER = "+12025550143"
NOWHERE = "http://127.0.0.1:9"
"""Port 9 is `discard`, below those that ordinary programs may take: nobody answers there."""


NOBODYS = LocalState(
    base_url=NOWHERE,
    api_key="dg_k",
    agent_uuid="a",
    trigger_path="t",
    cloudonix_domain="demo.cloudonix.net",
    cloudonix_token="XI-carrier",
)
"""The state of an install that has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str


Offhook = Callable[..., Outcome]


@pytest.fixture
def base_url(install: Install) -> str:
    return str(install.http.base_url).rstrip("/")


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
def at_home(base_url: str, tenant: Tenant, offhook: Offhook) -> Offhook:
    """Return `offhook` in the folder where `offhook up` left its state."""
    state_of(base_url, tenant).write()
    return offhook


def state_of(base_url: str, tenant: Tenant) -> LocalState:
    return LocalState(
        base_url=base_url,
        api_key=tenant.api_key,
        agent_uuid=tenant.agent_uuid,
        trigger_path=tenant.trigger_path,
        cloudonix_domain=tenant.cloudonix_domain,
        cloudonix_token="carrier's token",
    )


def called(offhook: Offhook) -> int:
    """Place a call and return its run's id."""
    run_id: int = json.loads(offhook("call", NUMBER, "--json").out)["workflow_run_id"]
    return run_id


def talk_and_end(install: Install, run: Run) -> None:
    """Let the run be over after a short conversation."""
    said = [("agent", "Hello.", 1_000), ("caller", "yes", 3_000)]
    events = [
        make_event(seq, "transcript", system_clock(), speaker=speaker, text=text, start_ms=start_ms)
        for seq, (speaker, text, start_ms) in enumerate(said, start=1)
    ]
    install.store.events.append(run.id, events)
    over = replace(run, ended_at=system_clock(), disposition="no_answer")
    install.store.runs.advance(over, RunStatus.NO_ANSWER)


def test_a_call_needs_no_flag_beside_the_local_install(
    install: Install, tenant: Tenant, at_home: Offhook
) -> None:
    outcome = at_home("call", NUMBER, "--context", "customer_name=Ann", "--json")
    assert outcome.code == 0, outcome.err
    run = install.store.runs.get(tenant.organization_id, json.loads(outcome.out)["workflow_run_id"])
    assert run.telephony.called_number == NUMBER
    assert run.initial_context["customer_name"] == "Ann"
    assert len(install.carrier.asked) == 1


def test_a_call_can_name_the_agent_and_take_key_and_address_from_the_environment(
    install: Install, tenant: Tenant, base_url: str, offhook: Offhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_BASE_URL", base_url + "/")
    monkeypatch.setenv("OFFHOOK_API_KEY", tenant.api_key)
    outcome = offhook("call", NUMBER, "--agent", tenant.agent_uuid)
    assert (outcome.code, outcome.err) == (0, "")
    assert "offhook tail " in outcome.out
    assert len(install.carrier.asked) == 1


def test_tail_shows_who_said_what_and_then_the_run(
    install: Install, tenant: Tenant, at_home: Offhook
) -> None:
    run = install.store.runs.get(tenant.organization_id, called(at_home))
    talk_and_end(install, run)
    lines = at_home("tail", str(run.id)).out.splitlines()
    assert lines[:2] == ["  0:01  agent    Hello.", "  0:03  caller   yes"]
    assert lines[3:5] == [f"run        {run.id} ({run.name})", "status     no_answer"]


def test_tail_follows_a_run_that_is_not_over_yet(install: Install, tenant: Tenant, at_home: Offhook) -> None:
    run = install.store.runs.get(tenant.organization_id, called(at_home))
    ending = threading.Timer(0.2, talk_and_end, (install, run))
    ending.start()
    outcome = at_home("tail", str(run.id), "--json")
    ending.join()
    *events, shown = [json.loads(line) for line in outcome.out.splitlines()]
    assert [event["seq"] for event in events] == [1, 2]
    assert shown["status"] == "no_answer"


def test_runs_lists_the_latest_first(at_home: Offhook) -> None:
    first, second = called(at_home), called(at_home)
    head, *rows = at_home("runs").out.splitlines()
    assert head.split()[:2] == ["run", "created"]
    assert [row.split()[0] for row in rows] == [str(second), str(first)]
    assert json.loads(at_home("runs", "--status", "completed", "--json").out)["items"] == []


def test_a_key_is_made_listed_archived_and_made_usable_again(at_home: Offhook) -> None:
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
    base_url: str,
    organization_id: str,
    offhook: Offhook,
    storage_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in storage_settings.to_env().items():
        monkeypatch.setenv(name, value)
    # As an operator has it, who talks to an install from the same shell.
    monkeypatch.setenv("OFFHOOK_BASE_URL", base_url)
    created = offhook("keys", "create", "--bootstrap", "--organization", organization_id, "--json")
    made = json.loads(created.out)
    assert made["organization_id"] == organization_id
    monkeypatch.setenv("OFFHOOK_API_KEY", made["api_key"])
    assert offhook("runs").out == "No such runs.\n"


def test_doctor_finds_nothing_wrong_with_a_running_install(base_url: str, at_home: Offhook) -> None:
    outcome = at_home("doctor")
    assert outcome.code == 0, outcome.out
    assert f"answers at {base_url}" in outcome.out
    assert "ok   key         valid" in outcome.out


def test_doctor_says_what_to_do_about_a_wrong_key(at_home: Offhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_API_KEY", "dg_wrong")
    outcome = at_home("doctor", "--json")
    findings = {f["subject"]: f for f in map(json.loads, outcome.out.splitlines())}
    assert outcome.code == 1
    assert not findings["key"]["is_well"]
    assert "not valid" in findings["key"]["sentence"]


def test_doctor_sees_that_the_port_is_taken(offhook: Offhook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        NOBODYS.write()
        outcome = offhook("doctor", "--port", str(other.getsockname()[1]))
    assert outcome.code == 1
    assert "is taken" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        (("tail", "1"), "run"),
        (("call", "12345"), "E.164"),
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
    NOBODYS.write()
    outcome = offhook("runs")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"No Offhook answers at {NOWHERE}: ")


def test_the_local_key_is_not_sent_to_another_install(
    base_url: str, tenant: Tenant, offhook: Offhook
) -> None:
    state_of(NOWHERE, tenant).write()
    outcome = offhook("runs", "--base-url", base_url)
    assert outcome.code == 1
    assert outcome.err.startswith("No API key for ")


def test_the_state_file_is_for_its_owner_only(offhook: Offhook) -> None:
    STATE_FILE.parent.mkdir()
    STATE_FILE.write_text("an older one that everybody can read")
    state = NOBODYS
    state.write()
    assert stat.S_IMODE(STATE_FILE.stat().st_mode) == 0o600
    assert LocalState.read() == state
    assert [path.name for path in STATE_FILE.parent.iterdir()] == [STATE_FILE.name]


def test_it_says_its_version(offhook: Offhook) -> None:
    outcome = offhook("--version")
    assert (outcome.code, outcome.out) == (0, f"offhook {metadata.version('offhook')}\n")


def test_the_environment_of_the_local_install_is_what_a_shell_can_take(
    base_url: str, tenant: Tenant, at_home: Offhook
) -> None:
    exports = at_home("env").out
    script = f'{exports}echo "$OFFHOOK_BASE_URL $OFFHOOK_API_KEY $CLOUDONIX_DOMAIN $CLOUDONIX_TOKEN"'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown == f"{base_url} {tenant.api_key} {tenant.cloudonix_domain} carrier's token\n"


def test_without_an_install_there_is_no_environment(offhook: Offhook) -> None:
    outcome = offhook("env")
    assert (outcome.code, outcome.out) == (1, "")
    assert "offhook up" in outcome.err


def test_a_second_install_in_the_same_folder_is_refused_and_leaves_the_first_ones_state(
    base_url: str, tenant: Tenant, at_home: Offhook
) -> None:
    outcome = at_home("up", "--port", "0", "--no-demo")
    assert (outcome.code, outcome.out) == (1, "")
    assert base_url in outcome.err
    assert LocalState.read() == state_of(base_url, tenant)


def test_a_run_can_be_told_by_its_name(install: Install, tenant: Tenant, at_home: Offhook) -> None:
    run = install.store.runs.get(tenant.organization_id, called(at_home))
    talk_and_end(install, run)
    outcome = at_home("tail", run.name.lower(), "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out.splitlines()[-1])["workflow_run_id"] == run.id
    assert at_home("tail", "WR-API-none").code == 1


def test_the_installed_command_fails_without_a_traceback(tmp_path: Path) -> None:
    finished = subprocess.run(
        [Path(sys.executable).with_name("offhook"), "runs", "--base-url", NOWHERE],
        cwd=tmp_path,
        env={"OFFHOOK_API_KEY": "dg_k"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.count("\n") == 1


def test_open_signs_a_browser_in_with_a_code_behind_the_hash(
    at_home: Offhook, install: Install, tenant: Tenant, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", open_browser)
    outcome = at_home("open")
    before, code = opened[0].split("/#/sign-in?code=")
    assert (outcome.code, before, code in outcome.out) == (0, base_url, False)
    printed = at_home("open", "--print").out.strip()
    for signs_in in (code, printed.rpartition("=")[2]):
        reply = install.http.post("/api/v1/user/sign-ins", json={"code": signs_in})
        assert reply.json() == {"api_key": tenant.api_key}


def test_no_command_waits_for_what_others_need() -> None:
    loaded = (
        "import sys, local.cli; print([name for name in sys.modules if name.startswith('local.commands.')])"
    )
    shown = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert shown == "[]\n"
