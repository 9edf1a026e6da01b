"""The streamer as a child process on a core of its own, and what the system says about it."""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

STREAMER = (sys.executable, "-m", "streamer", "--port", "0", "--stub-services")
ANNOUNCED = (sys.executable, "-m", "benchmarks.announced")
"""One that can't do without a database."""

_STARTING_LIMIT_S = 30.0
_STOPPING_LIMIT_S = 20.0
_MAX_CALLS = 2000
_PRIORITY = -10
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Streamer:
    """A streamer that runs while this context lasts."""

    def __init__(
        self,
        command: Sequence[str] = STREAMER,
        *,
        cpu: int | None = 0,
        max_calls: int = _MAX_CALLS,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._command = list(command)
        self._settings = settings or {}
        self._max_calls = max_calls
        self._cpu = cpu
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process: subprocess.Popen[str]
        self.port = 0
        self.starting_s = 0.0

    def __enter__(self) -> Self:
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            _pinned(self._command, self._cpu),
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **self._settings, "OFFHOOK_MAX_CALLS": str(self._max_calls)},
        )
        self.port = self._read_port()
        self.starting_s = time.perf_counter() - begun
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOPPING_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def cpu_seconds(self) -> float | None:
        """Return the CPU time so far, of all its threads."""
        return cpu_seconds(self._process.pid)

    def rss_mb(self) -> float | None:
        """Return the memory that it occupies."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        except OSError:
            return None
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), None)

    def report(self, number: signal.Signals) -> dict[str, float]:
        """Ask a streamer that keeps accounts for those that it gives at this signal."""
        self._process.send_signal(number)
        if self._process.stdout is None:
            raise RuntimeError("its output is not a pipe")
        accounts: dict[str, float] = json.loads(self._process.stdout.readline())
        return accounts

    def _read_port(self) -> int:
        if self._process.stdout is None:
            raise RuntimeError("its output is not a pipe")
        line = self._process.stdout.readline()
        try:
            return int(json.loads(line)["port"])
        except (ValueError, KeyError, TypeError):
            self._process.kill()
            self._process.wait()
            self._log.seek(0)
            print(self._log.read().decode(errors="replace")[-4000:], file=sys.stderr)
            raise SystemExit("The streamer did not start; its output is above.") from None


def cpu_seconds(pid: int | str) -> float | None:
    """Return the CPU time of a process, or None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def busy_seconds() -> float | None:
    """Return the CPU time that all processes of the machine have used."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()
    except OSError:
        return None
    user, nice, system, _idle, _iowait, irq, softirq = map(int, fields[1:8])
    return (user + nice + system + irq + softirq) / _TICKS_PER_SECOND


def become_precise(cpu: int) -> None:
    """Keep this process off the streamer's core, and both ahead of what else runs here, where the system lets us."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _PRIORITY)
    if hasattr(os, "sched_setaffinity") and cpu in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {cpu})


def machine() -> str:
    """Return a line about this machine."""
    return (
        f"{_cpu_model()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, priority {os.getpriority(os.PRIO_PROCESS, 0)}"
    )


def _pinned(command: list[str], cpu: int | None) -> list[str]:
    if cpu is None or not hasattr(os, "sched_setaffinity"):
        return command
    # From the first instruction, so that every thread inherits it.
    pin = f"import os, sys; os.sched_setaffinity(0, {{{cpu}}}); os.execvp(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-S", "-c", pin, *command]


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )
