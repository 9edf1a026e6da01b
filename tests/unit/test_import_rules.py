"""Each import rule of pyproject.toml stops the import that it forbids."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROOMS = "rooms stand on offhook and ignore each other; only local sees several"
LAYERS = "inside offhook: adapters, then nouns, then foundations"
PURE = "nouns and foundations know no technology"
SANS_IO = "media and call are sans-IO"
AWS = "what goes to AWS imports nothing of the local run or of the tests"
INFRA = "infra knows the settings and the tables and nothing else of ours"
SIBLINGS = "functions share what is no function and nothing else of each other"
EVENTS = "functions of events carry no web framework"
FUNCTIONS = "functions import nothing that only the streamer carries"
TALK = "streamer: sessions, record, conductor, then sockets and engines, then machines"
CALL = "a call: its machine, the table, the actions, its course, its conversation"
STREAMER = "the streamer imports nothing that only functions carry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A module that breaks a rule; `blamed` is what the report says of it, its own name unless given."""

    rule: str
    module: str
    text: str
    blamed: str = ""


SEEDS = (
    Seed(rule=ROOMS, module="functions.http.seed_room", text="import streamer.media"),
    Seed(rule=ROOMS, module="offhook.runs.seed_room", text="import local"),
    Seed(rule=LAYERS, module="offhook.runs.seed_layer", text="import offhook.adapters.dynamodb"),
    Seed(rule=LAYERS, module="offhook.surplus", text="", blamed="surplus"),
    Seed(rule=PURE, module="offhook.agents.seed_sdk", text="import boto3"),
    Seed(rule=PURE, module="offhook.workflows.seed_loop", text="import asyncio"),
    Seed(rule=PURE, module="offhook.models.seed_client", text="import httpx"),
    Seed(rule=SANS_IO, module="streamer.media.seed_clock", text="import time"),
    Seed(rule=SANS_IO, module="streamer.call.seed_loop", text="import asyncio"),
    Seed(rule="media and call never meet", module="streamer.call.seed_media", text="import streamer.media"),
    Seed(rule=TALK, module="streamer.record.seed_session", text="import streamer.sessions.feeds"),
    Seed(rule=TALK, module="streamer.conductor.seed_record", text="import streamer.record.possession"),
    Seed(rule=CALL, module="streamer.call.course.seed_action", text="import streamer.call.actions.ending"),
    Seed(rule=INFRA, module="infra.seed_noun", text="import offhook.agents"),
    Seed(rule=SIBLINGS, module="functions.trigger.seed_sibling", text="import functions.runs"),
    Seed(rule=SIBLINGS, module="functions.http.seed_function", text="import functions.runs"),
    Seed(rule=EVENTS, module="functions.events.seed_web", text="import functions.http.app"),
    Seed(rule=FUNCTIONS, module="functions.runs.seed_socket", text="import websockets"),
    Seed(rule=STREAMER, module="streamer.speech.seed_api", text="import fastapi"),
    Seed(rule=AWS, module="streamer.speech.seed_offline", text="import pocketsphinx"),
    Seed(
        rule="adapters are chosen in one place",
        module="functions.trigger.seed_adapter",
        text="import offhook.adapters.dynamodb",
    ),
    Seed(
        rule="only entrypoints say that this is AWS",
        module="functions.trigger.seed_aws",
        text="import offhook.aws",
    ),
    Seed(
        rule="no cycles",
        module="infra.seed_one",
        text="import infra.seed_two",
        blamed="No cycles are allowed in infra.",
    ),
    Seed(
        rule="no cycles",
        module="infra.seed_two",
        text="import infra.seed_one",
        blamed="No cycles are allowed in infra.",
    ),
)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Seed every violation in one copy of the packages; return what import-linter says of each broken rule."""
    tree = tmp_path_factory.mktemp("tree")
    for package in ("offhook", "functions", "streamer", "infra", "local"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    for seed in SEEDS:
        (tree / seed.module.replace(".", "/")).with_suffix(".py").write_text(seed.text)
    finished = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert finished.returncode == 1, finished.stdout + finished.stderr
    return _by_rule(finished.stdout)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.module)
def test_a_forbidden_import_breaks_its_rule(verdicts: dict[str, str], seed: Seed) -> None:
    assert (seed.blamed or seed.module) in verdicts.get(seed.rule, "the rule was kept")


def test_every_rule_has_a_violation_that_it_stops() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rules = {
        block.split('name = "', 1)[1].split('"', 1)[0]
        for block in text.split("[[tool.importlinter.contracts]]")[1:]
    }
    assert rules == {seed.rule for seed in SEEDS}


def _by_rule(report: str) -> dict[str, str]:
    """Split the report's second half, where each broken rule is a heading underlined with hyphens."""
    lines = report.split("Broken contracts", 1)[1].splitlines()
    sections: dict[str, str] = {}
    heading = ""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line and below and set(below) == {"-"}:
            heading = line
            sections[heading] = ""
        elif heading:
            sections[heading] += line + "\n"
    return sections
