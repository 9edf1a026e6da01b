"""The way from an empty file to an agent that books: the page's commands are run as they stand there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offhook.tools.definitions import FORMS
from offhook.tools.model import ToolCategory
from tests.support.whole_install import clean_environment, whole_install

pytestmark = pytest.mark.timeout(150)

PAGE = Path(__file__).parents[2] / "docs" / "agents.md"
LIMIT_S = 110
_MARK = "----- next"
RULES: list[dict[str, Any]] = [
    {
        "when": {"told": "nine"},
        "reply": {"parts": [{"kind": "text", "text": "Thursday at nine is yours. Is that right?"}]},
    },
    {
        "when": {"offered": "book_appointment"},
        "reply": {"parts": [{"kind": "tool", "name": "book_appointment", "arguments": {"day": "thursday"}}]},
    },
]
"""What a model that does as its prompt says would answer."""


def blocks() -> dict[str, str]:
    """Return the page's shell blocks, each by the bold words that begin its paragraph."""
    page = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"\*\*([^*]+?)\.?\*\*(?:(?!\*\*).)*?```sh\n(.*?)```", page, re.DOTALL)
    assert len(found) == page.count("```sh"), "a block without a title"
    return dict(found)


@pytest.fixture(scope="module")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    rules = tmp_path_factory.mktemp("model") / "rules.json"
    rules.write_text(json.dumps(RULES))
    with subprocess.Popen(
        [sys.executable, "-m", "local.models.server", "--rules", str(rules)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["llm_url"]
        server.terminate()


@pytest.fixture(scope="module")
def printed(model_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run the page, and return what each of its blocks has printed."""
    home = tmp_path_factory.mktemp("install")
    parts = blocks()
    # The page's calendar is the shell's child, and would outlive it.
    script = "trap 'kill $(jobs -p)' EXIT\n" + "".join(f"{block}\necho {_MARK}\n" for block in parts.values())
    thinking = {
        "OFFHOOK_MODELS": "embedded,openai",
        "OFFHOOK_LLM_URL": model_url,
        "OFFHOOK_LLM_MODEL": "scripted",
    }
    with whole_install(home, env=thinking):
        (home / ".venv").symlink_to(Path(sys.executable).parents[1])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=home,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return dict(zip(parts, done.stdout.split(f"{_MARK}\n"), strict=False))


def test_the_agent_books_what_the_caller_has_said(printed: dict[str, str]) -> None:
    disposition, call, result, *more = printed["What happened"].splitlines()
    assert (disposition, more) == ("booked", [])
    assert call.startswith("tool-call ")
    assert json.loads(call.removeprefix("tool-call "))["arguments"] == {"day": "thursday"}
    told = json.loads(result.removeprefix("tool-result "))
    assert told["status"] == "ok"
    assert json.loads(told["result"]) == {
        "status": 201,
        "body": {"day": "thursday", "hour": "nine", "for": "Ann"},
    }


def test_nothing_that_was_printed_shows_the_secret(printed: dict[str, str]) -> None:
    assert "calendar-secret" not in "".join(printed.values())


def test_the_page_names_every_kind_of_tool_and_every_field_of_it() -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {category: set(re.findall(r"`(\w+)`", fields)) for category, fields in rows}
    del told["category"]  # the table's head
    assert told == {str(category): set(FORMS[category].model_fields) for category in ToolCategory}
