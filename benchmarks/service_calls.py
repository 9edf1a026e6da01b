"""What the benches of calls through services share: one run after another, each told when it is over, and the verdict."""

import argparse
import gc
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.figures import Row
from benchmarks.processes import become_precise, machine

MOST_CALLS = 100
"""The limits are those of so many calls on one core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(ABC):
    """One run's figures: CPU in ms for a second of a call, by part."""

    row: Row
    parts: dict[str, float]
    services_percent: float

    @property
    def cpu_ms(self) -> float:
        return sum(self.parts.values())

    @property
    @abstractmethod
    def told(self) -> str:
        """What was measured, and the limits."""

    @property
    @abstractmethod
    def holds(self) -> bool:
        """Whether the limits are kept."""


KindT = TypeVar("KindT")
FoundT = TypeVar("FoundT", bound=Found)


def parser(module: str, description: str | None, *, calls: Sequence[int]) -> argparse.ArgumentParser:
    """Return what reads how many calls, for how long."""
    made = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    made.add_argument("--calls", type=int, nargs="+", default=calls, help="numbers of calls")
    made.add_argument("--seconds", type=float, default=10.0, help="measured seconds of each run")
    return made


def bench(
    options: argparse.Namespace,
    kinds: Sequence[KindT],
    measure: Callable[[KindT, int, float], FoundT],
    show: Callable[[FoundT], str],
    heading: str,
) -> int:
    """Measure each kind at each number of calls, and return the exit status."""
    become_precise(1 % (os.cpu_count() or 1))
    gc.disable()  # a collection would be lateness of ours
    print(machine(), heading, sep="\n")
    found = []
    for calls in options.calls:
        for kind in kinds:
            found.append(measure(kind, calls, options.seconds))
            print(show(found[-1]), flush=True)
            gc.collect()
    return verdict(found)


def verdict(found: Sequence[Found]) -> int:
    """Say whether the limits hold, and return the exit status."""
    if not all(run.row.is_valid for run in found):
        print("The callers themselves were late: these figures mean nothing.", file=sys.stderr)
        return 2
    most = [run for run in found if run.row.calls >= MOST_CALLS]
    for run in most:
        print(f"{run.row.calls} calls {run.told}: {'good' if run.holds else 'MISSED'}")
    return 0 if all(run.holds for run in most) else 1
