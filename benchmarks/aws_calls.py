"""What calls through Transcribe and Polly cost, and how much later a reply comes for it: `make bench-speech`.

The streamer has one core; the callers and the services' stand-ins have the other. Every caller says a sentence, hears the
reply out and speaks again. Exit status 1 when 100 calls are over the limits, 2 when the callers themselves were late, so
that the figures mean nothing.
"""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

from benchmarks.aws_services import FIRST_AUDIO_MS, TOLD_MS
from benchmarks.aws_streamer import aws_streamer
from benchmarks.cpu_parts import Part
from benchmarks.load import Run
from benchmarks.processes import Streamer
from benchmarks.service_calls import MOST_CALLS, Found, bench, parser
from benchmarks.transcribe import Service, service
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe.committing import NEXT_WORD_MS

RELEASE_MS = 200
"""The silence after which the agent of stub calls answers, if the words are there."""

ELSEWHERE_MS = max(RELEASE_MS, TOLD_MS + NEXT_WORD_MS) + FIRST_AUDIO_MS
"""What of a reply's delay is the rule of turns, and the services' own time."""

MOST_CPU_MS = 6.0
MOST_ADDED_P95_MS = 260.0


HEADER = (
    "transport  calls   CPU ms per call-second                                                  reply ms      added ms"
    "      turns  missed  early  under-  lost   load late  services\n"
    "                     all   socket   voice   recogniser   synthesiser   the call   rest    p50 / p95     p50 / p95"
    "                            runs             p99 ms     % CPU"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechFound(Found):
    """The figures of one run over one transport of Transcribe's."""

    transport: Transport

    @property
    def added_ms(self) -> tuple[float, float]:
        """How much later than need be replies came, p50 and p95."""
        return self.row.reply_p50_ms - ELSEWHERE_MS, self.row.reply_p95_ms - ELSEWHERE_MS

    @property
    def told(self) -> str:
        return (
            f"over {self.transport}: {self.cpu_ms:.2f} ms of CPU for a call's second (limit {MOST_CPU_MS}), replies"
            f" {self.added_ms[1]:.0f} ms late at p95 (limit {MOST_ADDED_P95_MS:.0f})"
        )

    @property
    def holds(self) -> bool:
        return (
            self.cpu_ms <= MOST_CPU_MS
            and self.added_ms[1] <= MOST_ADDED_P95_MS
            and not self.row.lost_calls
            and self.row.turns > 0
        )


class Readings:
    """The CPU times of both sides between two moments."""

    def __init__(self, streamer: Streamer, town: Service) -> None:
        self._streamer = streamer
        self._town = town
        self._before: dict[str, float] = {}
        self.spent: dict[str, float] = {}

    def __call__(self) -> None:
        """Read once more."""
        now = self._streamer.report(signal.SIGUSR1) | {"services": self._town.cpu_seconds()}
        self.spent = {name: seconds - self._before.get(name, 0.0) for name, seconds in now.items()}
        self._before = now


def measure(transport: Transport, calls: int, seconds: float) -> SpeechFound:
    """Make so many calls at a time for so many seconds."""
    with (
        service("benchmarks.aws_services", cpu=1 % (os.cpu_count() or 1)) as town,
        aws_streamer(town.addresses, transport, calls=calls) as streamer,
    ):
        readings = Readings(streamer, town)
        row = uvloop.run(Run(streamer, calls, seconds, interrupts=False, on_window=readings).run())
    spent = readings.spent
    services_s = spent.pop("services")
    return SpeechFound(
        transport=transport,
        row=row,
        parts={part: 1000 * spent[part] / seconds / calls for part in Part},
        services_percent=100 * services_s / seconds,
    )


def line(found: SpeechFound) -> str:
    """Return one line of the table."""
    row, parts, (p50, p95) = found.row, found.parts, found.added_ms
    return (
        f"{found.transport:9}  {row.calls:5}   {found.cpu_ms:5.2f}   {parts[Part.SOCKET]:6.2f}   {parts[Part.VOICE]:5.2f}"
        f"   {parts[Part.RECOGNISER]:10.2f}   {parts[Part.SYNTHESISER]:11.2f}   {parts[Part.CALL]:8.2f}"
        f"   {parts[Part.REST]:4.2f}   {row.reply_p50_ms:4.0f} / {row.reply_p95_ms:4.0f}   {p50:4.0f} / {p95:4.0f}"
        f"   {row.turns:8}   {row.missed_turns:5}  {row.early_turns:5}   {row.underruns:5}  {row.lost_calls:4}"
        f"   {row.generator_late_p99_ms:9.1f}   {found.services_percent:7.0f}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    reader = parser("benchmarks.aws_calls", __doc__, calls=[1, 25, 50, MOST_CALLS])
    reader.add_argument(
        "--transports", type=Transport, nargs="+", default=list(Transport), help="Transcribe's"
    )
    options = reader.parse_args(arguments)
    heading = f"{ELSEWHERE_MS} ms of each reply are the rule of turns and the services'.\n{HEADER}"
    return bench(options, options.transports, measure, line, heading)


if __name__ == "__main__":
    sys.exit(main())
