"""What docs/cloudonix.md tells to do, done: its commands and its CXML, against a whole install and its carrier."""

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from streamer.sockets.close_codes import CloseCode
from tests.support.processes import wait_for
from tests.support.whole_install import Document, WholeInstall, clean_environment, whole_install

pytestmark = pytest.mark.timeout(150)

TEXT = (Path(__file__).parents[2] / "docs" / "cloudonix.md").read_text(encoding="utf-8")
FORM_B, FORM_C, FORM_A = re.findall(r"```xml\n(.*?)```", TEXT, re.DOTALL)
NUMBER = "+15555550199"
HANGS_UP, ONLY_A_CDR = "+15555550104", "+15555550113"
MARK = "----- next"
# Each lasts some seconds, and after ten of them there is room again.
_MOST_CALLS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """An install whose domain is set up as the document says, and what each of its commands printed."""

    install: WholeInstall
    printed: list[str]
    domain: str
    token: str

    def call_in(self, **answer: str) -> str:
        """Have somebody call the number; return the session of the call."""
        reply = httpx.post(
            f"{self.install.first_line['carrier_url']}/simulator/domains/{self.domain}/calls",
            json={"from": HANGS_UP, "to": NUMBER, **answer},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert reply.is_success, reply.text
        session: str = reply.json()["token"]
        return session

    def call_in_time(self, **answer: str) -> tuple[str, Document]:
        """Call, and again while the carrier may not be asked about the call: here all tests share what it allows."""
        for _ in range(_MOST_CALLS):
            session = self.call_in(**answer)
            run = self.run_of(session)
            if self.streams_of(session)[0]["code"] != CloseCode.TRY_AGAIN_LATER:
                break
        return session, run

    def streams_of(self, session: str) -> Any:
        """Return how the streams of a call were closed."""
        calls = f"{self.install.first_line['carrier_url']}/simulator/domains/{self.domain}/calls"
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{calls}/{session}", headers=headers).json()["streams"]

    def run_of(self, session: str) -> Document:
        """Wait for the end of the run of a call."""

        def find() -> list[Any]:
            runs = self.install.http.get("/api/v1/runs?limit=200").json()["items"]
            return [run["workflow_run_id"] for run in runs if run["telephony"]["call_id"] == session]

        wait_for(lambda: bool(find()), 30)
        (run_id,) = find()
        return self.install.wait_until_over(run_id)


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    with whole_install(tmp_path_factory.mktemp("connected")) as install:
        state = json.loads((install.home / ".offhook" / "local.json").read_text())
        environment = {
            "OFFHOOK_BASE_URL": install.base_url,
            "OFFHOOK_API_KEY": install.first_line["api_key"],
            "CLOUDONIX_URL": install.first_line["carrier_url"],
            "CLOUDONIX_DOMAIN": state["cloudonix_domain"],
            "CLOUDONIX_TOKEN": state["cloudonix_token"],
            "AGENT": install.first_line["agent_uuid"],
            "NUMBER": NUMBER,
        }
        blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
        # As after the README's steps, the domain and the number are there already the second time.
        script = f"\necho {MARK}\n".join([*blocks[:4], *blocks])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=clean_environment() | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        yield Connected(
            install=install,
            printed=[text.strip() for text in done.stdout.split(f"{MARK}\n")],
            domain=state["cloudonix_domain"],
            token=state["cloudonix_token"],
        )


def test_the_commands_connect_the_domain(connected: Connected) -> None:
    _, line, _, number, _, line_again, verified_at, number_again, application, _, asked, run_id = (
        connected.printed
    )
    assert (line, number_again) == ("", number)
    assert uuid.UUID(line_again)
    assert verified_at.endswith("Z")
    assert application == "offhook"
    assert [element.tag for element in ET.fromstring(asked)] == ["Say", "Hangup"]
    assert "not in service" in asked
    assert connected.install.run(int(run_id))["telephony"]["caller_number"] == NUMBER


def test_a_call_that_comes_in_is_answered_by_the_agent_of_its_number(connected: Connected) -> None:
    url = f"{connected.install.base_url}/api/v1/telephony/inbound/run"
    run = connected.run_of(connected.call_in(url=url))
    assert (run["direction"], run["status"], run["name"][:10]) == ("inbound", "completed", "WR-TEL-IN-")
    assert (run["telephony"]["caller_number"], run["telephony"]["called_number"]) == (HANGS_UP, NUMBER)


@pytest.mark.long
def test_a_dial_that_only_the_cdr_tells_of_is_settled_by_it(connected: Connected) -> None:
    run_id = connected.install.call(ONLY_A_CDR)
    assert told_by_the_carrier(connected.install.wait_until_over(run_id))


def told_by_the_carrier(run: Document) -> bool:
    """Say whether the carrier, and not the lapse of time, has settled an unanswered call."""
    return (run["status"], run["end_reason"]) == ("no_answer", "not_connected")


def test_without_a_webhook_key_the_cdr_is_looked_up(connected: Connected) -> None:
    http = connected.install.http
    lines = http.get("/api/v1/telephony-configurations").json()["items"]
    (keyless,) = (line["id"] for line in lines if line["domain_id"] != connected.domain)
    body = {"phone_number": ONLY_A_CDR, "telephony_configuration_id": keyless}
    run_id = http.post(connected.install.trigger, json=body).json()["workflow_run_id"]
    assert told_by_the_carrier(connected.install.wait_until_over(run_id))


@pytest.mark.parametrize("cxml", [FORM_A, FORM_B, FORM_C], ids=["a", "b", "c"])
def test_the_cxml_of_each_form_brings_the_agent(connected: Connected, cxml: str) -> None:
    first_line = connected.install.first_line
    for name, value in {
        "https://calls.example.com": first_line["base_url"],
        "wss://calls.example.com": first_line["base_url"].replace("http", "ws", 1),
        "{agent_uuid}": first_line["agent_uuid"],
        "dg_your_key": first_line["api_key"],
        "XI_your_token": connected.token,
    }.items():
        cxml = cxml.replace(name, value)
    session, run = connected.call_in_time(cxml=cxml)
    assert (run["status"], run["name"][:7]) == ("completed", "WR-AGS-"), connected.streams_of(session)
    assert (run["telephony"]["caller_number"], run["telephony"]["called_number"]) == (HANGS_UP, NUMBER)


@pytest.mark.parametrize("cxml", [FORM_A, FORM_B, FORM_C], ids=["a", "b", "c"])
def test_the_cxml_survives_a_restart(cxml: str) -> None:
    response = ET.fromstring(cxml)
    assert [element.tag for element in response.iter()] == ["Response", "Connect", "Stream", "Redirect"]


def test_every_close_code_is_told_once() -> None:
    codes = re.findall(r"^\| (\d{4}) \|", TEXT, re.MULTILINE)
    assert sorted(map(int, codes)) == sorted(CloseCode)
