"""What the rooms ask of AWS while tests run, held against `tests/infra/calls_by_room.json`, which the grants are held against.

`pytest --record-calls` writes that file anew, of what this run saw: of all system tests, or it forgets the others' calls.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.recording import calls

STORED = Path(__file__).parents[1] / "infra" / "calls_by_room.json"
"""Each room's calls, as `dynamodb:GetItem runs IDEMPOTENCY`: an action, what it is done to, what the key begins with."""

_SEEN = pytest.StashKey[list[str]]()


def stored_calls() -> dict[str, set[str]]:
    """Return the calls that were recorded, by room, with those that only a lost race or reply would have shown.

    Whose conditional write is refused reads the row, to see whether the write was its own (`Items.change`, `put_new`).
    """
    recorded: dict[str, list[str]] = json.loads(STORED.read_text(encoding="utf-8"))
    return {room: {*calls, *map(_reading_back, calls)} for room, calls in recorded.items()}


def _reading_back(call: str) -> str:
    return re.sub("^dynamodb:(PutItem|UpdateItem) ", "dynamodb:GetItem ", call)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-calls",
        action="store_true",
        help=f"write {STORED.name} of what the rooms ask of AWS in this run",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # in workers `sitecustomize` has begun
        os.environ[calls.FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="calls-")
        calls.record_children()
        calls.start()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workerinput"):
        return
    seen = _collected(Path(os.environ.pop(calls.FOLDER_VARIABLE)))
    if config.getoption("--record-calls"):
        STORED.write_text(json.dumps(_by_room(seen), indent=1) + "\n", encoding="utf-8")
        return
    known = {f"{room} {call}" for room, its in stored_calls().items() for call in its}
    config.stash[_SEEN] = sorted(seen - known)
    if config.stash[_SEEN]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if unknown := terminalreporter.config.stash.get(_SEEN, []):
        terminalreporter.section("calls that no grant was checked for", red=True)
        terminalreporter.write_line("\n".join(unknown))
        terminalreporter.write_line(
            f"Rooms asked this of AWS, and {STORED.name} does not know it. If they should, add it there, and grant it in "
            "infra/grants.py: on AWS it would be refused."
        )


def _collected(folder: Path) -> set[str]:
    seen = {line for file in folder.iterdir() for line in file.read_text(encoding="utf-8").splitlines()}
    shutil.rmtree(folder)
    return seen


def _by_room(seen: Iterable[str]) -> dict[str, list[str]]:
    by_room: dict[str, list[str]] = {}
    for line in sorted(seen):
        room, _, call = line.partition(" ")
        by_room.setdefault(room, []).append(call)
    return by_room
