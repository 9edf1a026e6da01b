"""What calls cost that a model leads, and how much later a reply comes for it: `make bench-models`.

The streamer has one core; the callers and the stand-ins of Transcribe, Polly and the models have the other. Every caller
says a sentence, hears the model's reply out and speaks again. Exit status 1 when 100 calls are over the limits, 2 when the
callers themselves were late, so that the figures mean nothing.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import uvloop

from benchmarks.aws_calls import ELSEWHERE_MS, Readings
from benchmarks.aws_services import FIRST_SENTENCE_MS
from benchmarks.aws_streamer import aws_streamer
from benchmarks.cpu_parts import Part
from benchmarks.figures import Row
from benchmarks.load import Run
from benchmarks.processes import become_precise, machine
from benchmarks.transcribe import service
from offhook.agents.engines import BEDROCK, OPENAI
from streamer.speech.transcribe import Transport

NEEDED_MS = ELSEWHERE_MS + FIRST_SENTENCE_MS
"""What of a reply's delay is the rule of turns, and the servers' own time."""

MOST_CALLS = 100
MOST_CPU_MS = 8.0
MOST_ADDED_P95_MS = 260.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One run's figures: CPU in ms for a second of a call, by part."""

    engine: str
    row: Row
    parts: dict[str, float]
    services_percent: float
    asked: int
    """How often the models were asked: where it is less than the turns, something else was said."""

    @property
    def cpu_ms(self) -> float:
        return sum(self.parts.values())

    @property
    def added_p95_ms(self) -> float:
        return self.row.reply_p95_ms - NEEDED_MS

    @property
    def holds(self) -> bool:
        """Say whether the limits are kept."""
        is_fast = self.cpu_ms <= MOST_CPU_MS and self.added_p95_ms <= MOST_ADDED_P95_MS
        return is_fast and not self.row.lost_calls and 0 < self.row.turns <= self.asked


def measure(engine: str, calls: int, seconds: float) -> Found:
    """Make so many calls at a time for so many seconds."""
    with (
        service("benchmarks.aws_services", cpu=1 % (os.cpu_count() or 1)) as town,
        aws_streamer(town.addresses, Transport.WEBSOCKET, "--model", engine, calls=calls) as streamer,
    ):
        readings = Readings(streamer, town)
        row = uvloop.run(Run(streamer, calls, seconds, interrupts=False, on_window=readings).run())
        asked = httpx.get(f"{town.addresses['models_url']}/_control/asked", trust_env=False).json()["asked"]
    spent = readings.spent
    return Found(
        engine=engine,
        row=row,
        asked=len(asked),
        services_percent=100 * spent.pop("services") / seconds,
        parts={part: 1000 * spent[part] / seconds / calls for part in Part},
    )


def lines(found: Found) -> str:
    """Return what was found, as a person reads it."""
    row = found.row
    parts = ", ".join(f"{part} {spent:.2f}" for part, spent in found.parts.items())
    return (
        f"{found.engine}, {row.calls} calls: {found.cpu_ms:.2f} ms of CPU for a call's second ({parts});\n"
        f"  replies after {row.reply_p50_ms:.0f} ms (p50), {row.reply_p95_ms:.0f} (p95), "
        f"{found.added_p95_ms:.0f} more than need be; {row.turns} turns ({found.asked} questions in all), {row.missed_turns} missed, {row.early_turns} early, "
        f"{row.underruns} underruns, {row.lost_calls} lost; callers late {row.generator_late_p99_ms:.1f} ms (p99), "
        f"servers {found.services_percent:.0f} % of a core"
    )


def verdict(found: Sequence[Found]) -> int:
    """Say whether the limits hold, and return the exit status."""
    if not all(run.row.is_valid for run in found):
        print("The callers themselves were late: these figures mean nothing.", file=sys.stderr)
        return 2
    most = [run for run in found if run.row.calls >= MOST_CALLS]
    for run in most:
        limits = f"limits {MOST_CPU_MS} ms of CPU, replies {MOST_ADDED_P95_MS:.0f} ms late at p95"
        print(f"{run.row.calls} calls with {run.engine}: {'good' if run.holds else 'MISSED'} ({limits})")
    return 0 if all(run.holds for run in most) else 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_calls", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[25, MOST_CALLS], help="numbers of calls")
    parser.add_argument("--seconds", type=float, default=10.0, help="measured seconds of each run")
    parser.add_argument("--engines", nargs="+", choices=[BEDROCK, OPENAI], default=[BEDROCK, OPENAI])
    options = parser.parse_args(arguments)
    become_precise(1 % (os.cpu_count() or 1))
    gc.disable()  # a collection would be lateness of ours
    print(machine(), f"{NEEDED_MS} ms of each reply are the rule of turns and the servers'.", sep="\n")
    found = []
    for calls in options.calls:
        for engine in options.engines:
            found.append(measure(engine, calls, options.seconds))
            print(lines(found[-1]), flush=True)
            gc.collect()
    return verdict(found)


if __name__ == "__main__":
    sys.exit(main())
