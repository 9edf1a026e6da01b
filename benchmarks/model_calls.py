"""What calls cost that a model leads, and how much later a reply comes for it: `make bench-models`.

The streamer has one core; the callers and the stand-ins of Transcribe, Polly and the models have the other. Every caller
says a sentence, hears the model's reply out and speaks again. Exit status 1 when 100 calls are over the limits, 2 when the
callers themselves were late, so that the figures mean nothing.
"""

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
from benchmarks.load import Run
from benchmarks.service_calls import MOST_CALLS, Found, bench, parser
from benchmarks.transcribe import service
from offhook.agents.engines import BEDROCK, OPENAI
from streamer.speech.transcribe import Transport

NEEDED_MS = ELSEWHERE_MS + FIRST_SENTENCE_MS
"""What of a reply's delay is the rule of turns, and the servers' own time."""

MOST_CPU_MS = 8.0
MOST_ADDED_P95_MS = 260.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFound(Found):
    """The figures of one run with one engine."""

    engine: str
    asked: int
    """How often the models were asked: where it is less than the turns, something else was said."""

    @property
    def added_p95_ms(self) -> float:
        return self.row.reply_p95_ms - NEEDED_MS

    @property
    def told(self) -> str:
        return f"with {self.engine} (limits {MOST_CPU_MS} ms of CPU, replies {MOST_ADDED_P95_MS:.0f} ms late at p95)"

    @property
    def holds(self) -> bool:
        is_fast = self.cpu_ms <= MOST_CPU_MS and self.added_p95_ms <= MOST_ADDED_P95_MS
        return is_fast and not self.row.lost_calls and 0 < self.row.turns <= self.asked


def measure(engine: str, calls: int, seconds: float) -> ModelFound:
    """Make so many calls at a time for so many seconds."""
    with (
        service("benchmarks.aws_services", cpu=1 % (os.cpu_count() or 1)) as town,
        aws_streamer(town.addresses, Transport.WEBSOCKET, "--model", engine, calls=calls) as streamer,
    ):
        readings = Readings(streamer, town)
        row = uvloop.run(Run(streamer, calls, seconds, interrupts=False, on_window=readings).run())
        asked = httpx.get(f"{town.addresses['models_url']}/_control/asked", trust_env=False).json()["asked"]
    spent = readings.spent
    return ModelFound(
        engine=engine,
        row=row,
        asked=len(asked),
        services_percent=100 * spent.pop("services") / seconds,
        parts={part: 1000 * spent[part] / seconds / calls for part in Part},
    )


def lines(found: ModelFound) -> str:
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


def main(arguments: Sequence[str] | None = None) -> int:
    reader = parser("benchmarks.model_calls", __doc__, calls=[25, MOST_CALLS])
    reader.add_argument("--engines", nargs="+", choices=[BEDROCK, OPENAI], default=[BEDROCK, OPENAI])
    options = reader.parse_args(arguments)
    heading = f"{NEEDED_MS} ms of each reply are the rule of turns and the servers'."
    return bench(options, options.engines, measure, lines, heading)


if __name__ == "__main__":
    sys.exit(main())
