"""A whole install as its user has it: `offhook up` as a child process, spoken to through its front door alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.support.processes import Known, descendants, is_alive, wait_for

OFFHOOK = Path(sys.executable).with_name("offhook")
STOP_LIMIT_S = 20.0
CALL_LIMIT_S = 90.0

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


class WholeInstall:
    """A running `offhook up --port 0 --json --no-demo`, in a folder of its own."""

    def __init__(self, home: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Start it and wait for its first line; `home` becomes its working folder."""
        self.home = home
        self.env = clean_environment() | dict(env or {})
        home.mkdir(exist_ok=True)
        self._stderr = home / "stderr.txt"
        with self._stderr.open("ab") as stderr:
            self.process = subprocess.Popen(
                [OFFHOOK, "up", "--port", "0", "--json", "--no-demo", *arguments],
                cwd=home,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self.first_line = self._announced()
        self.http = httpx.Client(
            base_url=self.base_url,
            headers={"X-API-Key": self.first_line["api_key"]},
            timeout=20,
            trust_env=False,
        )

    @property
    def base_url(self) -> str:
        return self.first_line["base_url"]

    @property
    def stderr(self) -> str:
        """All that it has said to its user, from this start and from those before it in the same folder."""
        return self._stderr.read_text()

    @property
    def trigger(self) -> str:
        """The path that starts a call."""
        return f"/api/v1/public/agent/{self.first_line['trigger_path']}"

    def call(self, number: str, **context: str) -> int:
        """Have the demo agent call a number; return the run's id."""
        reply = self.http.post(self.trigger, json={"phone_number": number, "initial_context": context})
        assert reply.status_code == 200, reply.text
        run_id: int = reply.json()["workflow_run_id"]
        return run_id

    def run(self, run_id: int) -> Document:
        return self._get(f"/api/v1/runs/{run_id}")

    def run_ids(self) -> list[int]:
        return [run["workflow_run_id"] for run in self._get("/api/v1/runs?limit=200")["items"]]

    def events(self, run_id: int, *, after: int = 0) -> list[Document]:
        """Return what stands in the run's log now."""
        items: list[Document] = self._get(f"/api/v1/runs/{run_id}/events?after={after}&limit=1000")["items"]
        return items

    def turns(self, run_id: int) -> list[Document]:
        """Return what each turn of the run took and cost so far."""
        items: list[Document] = self._get(f"/api/v1/runs/{run_id}/turns")["items"]
        return items

    def wait_for_event(self, run_id: int, is_it: Callable[[Document], bool]) -> None:
        wait_for(lambda: any(map(is_it, self.events(run_id))), CALL_LIMIT_S)

    def wait_for_status(self, run_id: int, status: str) -> None:
        wait_for(lambda: self.run(run_id)["status"] == status, CALL_LIMIT_S)

    def wait_until_over(self, run_id: int) -> Document:
        """Wait for the end of a call; return its run."""
        wait_for(lambda: self.run(run_id)["ended_at"] is not None, CALL_LIMIT_S)
        return self.run(run_id)

    def offhook(self, *arguments: str, env: Mapping[str, str] | None = None) -> Outcome:
        """Run a command in the install's working folder."""
        return offhook(*arguments, cwd=self.home, env=env)

    def stop(self, *, limit_s: float = STOP_LIMIT_S) -> int:
        """Ask it to end, as a supervisor does; return its exit status, by when all its children must be gone."""
        family = descendants(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(limit_s)
        self._close()
        assert [known for known in family if is_alive(known)] == []
        return status

    def kill(self, *, with_children: bool) -> list[Known]:
        """End it without a warning, its children in the same moment or not; return the children."""
        family = descendants(self.process.pid)
        os.kill(self.process.pid, signal.SIGKILL)
        for known in family if with_children else []:
            os.kill(known.pid, signal.SIGKILL)
        self.process.wait(STOP_LIMIT_S)
        self._close()
        return family

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill(with_children=True)
        self._close()

    def _announced(self) -> dict[str, str]:
        """Wait for its first line; one that does not start, or is not waited for any longer, is ended."""
        assert self.process.stdout is not None
        try:
            line = self.process.stdout.readline()
            assert line, f"offhook up did not start: {self.stderr}"
            told: dict[str, str] = json.loads(line)
        except BaseException:
            with self.process:
                self.process.kill()
            raise
        return told

    def _close(self) -> None:
        self.http.close()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _get(self, path: str) -> Document:
        reply = self.http.get(path)
        assert reply.status_code == 200, reply.text
        document: Document = reply.json()
        return document


@contextmanager
def whole_install(
    home: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[WholeInstall]:
    """Run an install for the time of the block, which must then end in order, and without a traceback."""
    with WholeInstall(home, *arguments, env=env) as install:
        yield install
        assert install.stop() == 0
        assert "Traceback" not in install.stderr


def offhook(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run a command of a user who has set nothing but `env`."""
    done = subprocess.run(
        [OFFHOOK, *arguments],
        cwd=cwd,
        env=clean_environment() | dict(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_LIMIT_S,
        check=False,
    )
    return Outcome(status=done.returncode, out=done.stdout, err=done.stderr)


def clean_environment() -> dict[str, str]:
    """Return our environment without what the tests, or whoever runs them, has set for AWS and for Offhook."""
    foreign = ("AWS_", "OFFHOOK_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def wait_for_end_of(family: list[Known]) -> None:
    """Wait until none of them lives."""
    wait_for(lambda: not any(map(is_alive, family)), STOP_LIMIT_S)


@pytest.fixture(scope="session")
def shared_install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeInstall]:
    """Return an install for tests that change nothing of it for others; starting one takes seconds of two cores."""
    home = tmp_path_factory.mktemp("shared")
    with whole_install(home, "--data", str(home / "data")) as install:
        # Where the documents' reader stands: in the project's folder, with its environment.
        (home / ".venv").symlink_to(Path(sys.executable).parents[1])
        yield install
