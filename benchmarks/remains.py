"""What is left of a thousand calls through Transcribe and Polly: `python -m benchmarks.remains`.

Callers come one after another, some at a time, and leave in all the ways that there are; one in five times a service fails.
Exit status 1 when memory has grown by more than 5 %, when threads, sockets or tasks are left, or when callers whom nothing
befell got no answer.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import httpx

from benchmarks.aws_streamer import aws_streamer
from benchmarks.held import grown
from benchmarks.processes import Streamer, machine
from benchmarks.speech import load_clips
from benchmarks.transcribe import service
from benchmarks.visitors import Leaving, visit
from local.aws.speech.faults import Fault, Kind
from local.aws.speech.faults import Service as Failing
from streamer.speech.transcribe import Transport

REPLY = "Very well. So be it."
_AT_A_TIME = 24
_MOST_CALLS = 100
_CALLS_PER_FAULT = 5
_PATIENCE_S = 4.0
_SETTLING_S = 15.0

FAULTS = (
    Fault(service=Failing.TRANSCRIBE, kind=Kind.RESET_STREAM, after_ms=900),
    Fault(service=Failing.POLLY, kind=Kind.THROTTLE),
    Fault(service=Failing.TRANSCRIBE, kind=Kind.STALL, after_ms=900),
    Fault(service=Failing.POLLY, kind=Kind.STALL, after_ms=300),
    Fault(service=Failing.TRANSCRIBE, kind=Kind.THROTTLE),
    Fault(service=Failing.POLLY, kind=Kind.RESET_CONNECTION, after_ms=300),
    Fault(service=Failing.TRANSCRIBE, kind=Kind.STALL),
    Fault(service=Failing.POLLY, kind=Kind.STALL),
    Fault(service=Failing.TRANSCRIBE, kind=Kind.UNAVAILABLE, after_ms=900),
    Fault(service=Failing.POLLY, kind=Kind.SLOW, delay_ms=1000),
    Fault(service=Failing.TRANSCRIBE, kind=Kind.BAD_CRC, after_ms=900),
    Fault(service=Failing.TRANSCRIBE, kind=Kind.RESET_CONNECTION, after_ms=900),
)


@dataclass(slots=True)
class Tally:
    """What became of the calls."""

    answered: int = 0
    unanswered: int = 0
    hurried: int = 0
    faults: int = 0


class Visits:
    """A number of calls, so many at a time."""

    def __init__(self, port: int, control_url: str, calls: int) -> None:
        self._port = port
        self._faults_url = f"{control_url}/_control/faults"
        self._coming = zip(range(calls), cycle(Leaving), cycle(load_clips()), strict=False)
        self._faults: Iterator[Fault] = cycle(FAULTS)
        self.tally = Tally()

    async def run(self) -> Tally:
        """Have all of them come and go."""
        async with httpx.AsyncClient() as control, asyncio.TaskGroup() as tasks:
            for _ in range(_AT_A_TIME):
                tasks.create_task(self._come(control))
        return self.tally

    async def _come(self, control: httpx.AsyncClient) -> None:
        for n, leaving, clip in self._coming:
            if n % _CALLS_PER_FAULT == 0:
                fault = next(self._faults).model_dump_json()
                (await control.post(self._faults_url, content=fault)).raise_for_status()
                self.tally.faults += 1
            is_answered = await visit(self._port, clip, leaving, patience_s=_PATIENCE_S)
            if leaving is Leaving.HURRIED:
                self.tally.hurried += 1
            elif is_answered:
                self.tally.answered += 1
            else:
                self.tally.unanswered += 1


def settled(streamer: Streamer, tasks: float) -> dict[str, float]:
    """Return what the streamer holds once no more tasks than these are left, or it has had its time."""
    deadline = time.monotonic() + _SETTLING_S
    while (now := streamer.report(signal.SIGUSR2))["tasks"] > tasks and time.monotonic() < deadline:
        time.sleep(0.2)
    return now


def measure(transport: Transport, calls: int) -> list[str]:
    """Have so many calls come and go; print what is left, and return what should not be."""
    with (
        service("benchmarks.aws_services", cpu=1 % (os.cpu_count() or 1)) as town,
        aws_streamer(town.addresses, transport, "--reply", REPLY, calls=_MOST_CALLS) as streamer,
    ):
        idle = streamer.report(signal.SIGUSR2)["tasks"]
        control_url = town.addresses["polly_url"]
        # Threads and connections are kept for the next calls, and the heap finds its shape.
        asyncio.run(Visits(streamer.port, control_url, calls // 2).run())
        before = settled(streamer, idle)
        begun = time.monotonic()
        tally = asyncio.run(Visits(streamer.port, control_url, calls).run())
        took_s = time.monotonic() - begun
        after = settled(streamer, idle)
    held = "".join(
        f"   {before[name]:5.0f} {after[name]:5.0f}" for name in ("threads", "sockets", "tasks", "memory")
    )
    print(
        f"{transport:9}  {calls:5}  {tally.answered:8}  {tally.unanswered:10}  {tally.faults:6}  {held}   {took_s:6.0f}",
        flush=True,
    )
    wrong = grown(before | {"tasks": idle}, after, pools=_AT_A_TIME // 2)
    if tally.unanswered > tally.faults:
        wrong.append(
            f"{tally.unanswered} calls without an answer, and {tally.faults} failures of the services"
        )
    return wrong


HEADER = "transport  calls  answered  unanswered  faults      threads       sockets       tasks         memory MB      seconds"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remains", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000, help="number of calls")
    parser.add_argument(
        "--transports", type=Transport, nargs="+", default=list(Transport), help="Transcribe's"
    )
    options = parser.parse_args(arguments)
    print(machine(), "Before and after each:", HEADER, sep="\n")
    wrong = [
        f"{transport}: {what}"
        for transport in options.transports
        for what in measure(transport, options.calls)
    ]
    print("Left behind: " + "; ".join(wrong) if wrong else "Nothing is left behind.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
