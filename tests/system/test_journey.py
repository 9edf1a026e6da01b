"""The README's ways, from a key to a transcript and into a live call: run as they stand there, against a whole install."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.whole_install import Document, WholeInstall, clean_environment

pytestmark = pytest.mark.timeout(150)

README = Path(__file__).parents[2] / "README.md"
LIMIT_S = 100
_MARK = "----- next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What the blocks printed, by the paragraph that each stands under, and the shell's variables at the end."""

    install: WholeInstall
    folder: Path
    printed: dict[str, str]
    variables: dict[str, str]

    def documents(self, title: str) -> list[Document]:
        """Return the JSON documents that a block printed one after the other."""
        return [
            json.loads(text)
            for text in re.split(r"(?<=^\})\n", self.printed[title], flags=re.MULTILINE)
            if text.strip()
        ]


def blocks(title: str = "Call it from anything") -> dict[str, str]:
    """Return a section's shell blocks, each by the bold words that begin its paragraph."""
    section = README.read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    found = re.findall(r"\*\*([^*]+?)\.?\*\*(?:(?!\*\*).)*?```sh\n(.*?)```", section, re.DOTALL)
    assert len(found) == section.count("```sh"), "a block without a title"
    return dict(found)


@pytest.fixture(scope="module")
def journey(shared_install: WholeInstall) -> Journey:
    parts = blocks()
    shown = f"for v in OFFHOOK_API_KEY LINE AGENT RUN; do echo $v=${{!v}}; done\necho {_MARK}\n"
    script = "".join(f"{block}\necho {_MARK}\n" for block in parts.values()) + shown
    done = run_script(script, shared_install.home)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    *printed, variables, _ = done.stdout.split(f"{_MARK}\n")
    return Journey(
        install=shared_install,
        folder=shared_install.home,
        printed=dict(zip(parts, printed, strict=True)),
        variables=dict(line.split("=", 1) for line in variables.splitlines()),
    )


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_the_section_has_a_block_for_each_step() -> None:
    assert list(blocks()) == [
        "Where it is",
        "Two abbreviations",
        "A key",
        "A way to the carrier",
        "An agent",
        "The call",
        "Watch it",
        "Fetch",
    ]


def test_the_key_is_a_new_one(journey: Journey) -> None:
    key = journey.variables["OFFHOOK_API_KEY"]
    assert key.startswith("dg_")
    assert key != journey.install.first_line["api_key"]
    assert journey.install.http.get("/api/v1/runs", headers={"X-API-Key": key}).status_code == 200


def test_the_carrier_takes_the_token_and_no_answer_shows_it(journey: Journey) -> None:
    verified, number = journey.documents("A way to the carrier")
    assert number["address"] == "+15555550199"
    configuration = journey.install.http.get(
        f"/api/v1/telephony-configurations/{journey.variables['LINE']}"
    ).json()
    assert configuration["is_default"] is True
    state = json.loads((journey.folder / ".offhook" / "local.json").read_text())
    assert state["cloudonix_token"] not in json.dumps([verified, number, configuration])


def test_the_agent_is_published(journey: Journey) -> None:
    (published,) = journey.documents("An agent")
    assert published["version"] == 1


def test_the_run_is_the_call_that_was_ordered(journey: Journey) -> None:
    run, log = journey.documents("Watch it")
    assert str(run["workflow_run_id"]) == journey.variables["RUN"]
    assert (run["status"], run["disposition"]) == ("completed", "comes")
    assert run["agent_uuid"] == journey.variables["AGENT"]
    assert run["telephony"]["caller_number"] == "+15555550199"
    assert run["telephony"]["configuration_id"] == journey.variables["LINE"]
    assert "end" in [event["type"] for event in log["items"]]


def test_what_was_said_can_be_read_and_heard(journey: Journey) -> None:
    (transcript,) = journey.documents("Fetch")
    said = [(segment["speaker"], segment["text"]) for segment in transcript["segments"]]
    assert said[0][1].startswith("Hello Ann. Your table is booked for nine.") or said[0][1] == "Hello Ann."
    assert ("caller", "that works") in [(who, text.lower()) for who, text in said] or "yes" in str(said)
    assert (journey.folder / "call.wav").read_bytes().startswith(b"RIFF")


def test_sending_the_call_again_calls_nobody(journey: Journey) -> None:
    before = journey.install.run_ids()
    block = blocks()["The call"]
    key = re.search(r'Idempotency-Key: ([^"]*)"', block)
    body = re.search(r"-d '([^']*)'", block)
    assert key
    assert body
    agent = journey.variables["AGENT"]
    again = journey.install.http.post(
        f"/api/v1/public/agent/workflow/{agent}",
        content=body[1],
        headers={
            "Idempotency-Key": key[1].replace("$AGENT", agent),
            "X-API-Key": journey.variables["OFFHOOK_API_KEY"],
        },
    )
    assert again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert str(again.json()["workflow_run_id"]) == journey.variables["RUN"]
    assert journey.install.run_ids() == before


def test_doing_it_all_again_says_which_step_was_done_before_and_goes_on(journey: Journey) -> None:
    parts = blocks()
    done = run_script("".join(parts.values()) + "echo RUN=$RUN\n", journey.folder)
    assert done.returncode == 0, done.stderr
    (told,) = done.stderr.splitlines()
    assert "name" in told
    assert f"RUN={journey.variables['RUN']}" not in done.stdout
    assert '"disposition": "comes"' in done.stdout


def test_a_step_that_lacks_an_earlier_one_names_it(journey: Journey) -> None:
    parts = blocks()
    without_call = run_script(
        parts["Where it is"] + parts["Two abbreviations"] + parts["Watch it"], journey.folder
    )
    assert "place the call first" in without_call.stderr
    without_address = run_script(parts["Two abbreviations"] + parts["A key"], journey.folder)
    assert "OFFHOOK_BASE_URL: is not set" in without_address.stderr


def test_a_live_call_is_watched_steered_and_hung_up(shared_install: WholeInstall) -> None:
    way = blocks()
    parts = (
        way["Where it is"]
        + way["Two abbreviations"]
        + "".join(blocks("Watch and steer a live call").values())
    )
    done = run_script(f"{parts}\necho {_MARK}$RUN", shared_install.home)
    assert (done.returncode, done.stderr) == (0, "")
    shown, run_id = done.stdout.split(_MARK)
    assert '"injected":true' in shown
    # What `offhook tail` has shown of it beside that.
    assert "Maple Street clinic" in shown
    assert "We close in ten minutes." in shown
    assert shared_install.run(int(run_id))["end_reason"] == "hangup_requested"


def test_many_people_are_called_by_a_file_and_over_http(shared_install: WholeInstall) -> None:
    way, here = blocks(), shared_install.home
    (here / "docs").mkdir(exist_ok=True)
    # Two of the thirty, whom nobody waits for: one can't be dialled, the other hangs up.
    people = "phone_number,time_zone\n+15555550132,America/New_York\n+15555550104,America/Denver\n"
    (here / "docs" / "campaign.csv").write_text(people)
    script = (
        way["Where it is"]
        + way["Two abbreviations"]
        + f"AGENT={shared_install.first_line['agent_uuid']}\n"
        + f"\necho {_MARK}\n".join(blocks("Call many people").values())
    )
    done = run_script(script, here)
    assert (done.returncode, done.stderr) == (0, "")
    shown, exported, started, watched = done.stdout.split(f"{_MARK}\n")
    assert "2 contacts of docs/campaign.csv" in shown
    assert re.search(r"^user_hangup +1 ", shown, re.MULTILINE), shown
    assert exported == "2 contacts are in outcomes.csv.\n"
    assert "+15555550132" in (here / "outcomes.csv").read_text(encoding="utf-8-sig")
    assert started.endswith("running\n")
    progress = json.loads(watched)
    assert (progress["status"], progress["contacts"], sum(progress["done"].values())) == ("completed", 2, 2)
    assert "confirmed" in progress["done"]
