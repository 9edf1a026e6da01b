"""How many calls one core carries: simulated carriers against a streamer with stub engines.

`python -m benchmarks.load --calls 1,10,50,100,200 --seconds 30`. Exit status 1 when the carriers themselves were
late, so that the figures mean nothing.
"""

import argparse
import asyncio
import gc
import json
import math
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import uvloop

from benchmarks.carriers import Carrier, Ticker
from benchmarks.figures import HEADER, Row, Samples, line, make_row
from benchmarks.processes import STREAMER, Streamer, become_precise, busy_seconds, cpu_seconds, machine
from benchmarks.speech import load_clips

WARM_UP_S = 4.0
_CONNECTS_PER_SECOND = 40
_CONNECT_LIMIT_S = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if (os.cpu_count() or 1) > 1:
        become_precise(1)
    gc.disable()  # a collection would be lateness of ours
    if not options.json:
        print(machine())
        print(HEADER)
    rows = []
    for calls in options.calls:
        rows.append(_measure(calls, options.seconds, options.command))
        if not options.json:
            print(line(rows[-1]), flush=True)
        gc.collect()
    if options.json:
        print(json.dumps({"machine": machine(), "rows": [row.to_json() for row in rows]}))
    return _verdict(rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--calls", type=_numbers, default=[1, 10, 50, 100, 200], help="1,10,50,100,200")
    parser.add_argument("--seconds", type=float, default=30.0, help="measured seconds of each run")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument(
        "--command",
        type=shlex.split,
        default=list(STREAMER),
        help='another server: it prints {"port": N} once it listens, and is stopped with SIGTERM',
    )
    return parser


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _verdict(rows: Sequence[Row]) -> int:
    if all(row.is_valid for row in rows):
        return 0
    print(
        "The load generator itself was late: these figures mean nothing. Free the machine and try again.",
        file=sys.stderr,
    )
    return 1


def _measure(calls: int, seconds: float, command: Sequence[str]) -> Row:
    with Streamer(command) as streamer:
        return uvloop.run(Run(streamer, calls, seconds).run())


class Run:
    """One number of calls against one streamer; `on_window` is called as the measured time begins, and as it ends."""

    def __init__(
        self,
        streamer: Streamer,
        calls: int,
        seconds: float,
        *,
        interrupts: bool = True,
        on_window: Callable[[], None] = lambda: None,
    ) -> None:
        self._streamer = streamer
        self._seconds = seconds
        self._on_window = on_window
        self.samples = Samples()
        clips = load_clips()
        self._carriers = [Carrier(clips, self.samples, seed, interrupts=interrupts) for seed in range(calls)]

    async def run(self) -> Row:
        """Connect, warm up, measure, hang up."""
        await asyncio.sleep(0.5)
        idle_mb = self._streamer.rss_mb()
        ticker = Ticker(self._carriers, self.samples)
        ticker.start()
        await self._connect()
        await asyncio.sleep(WARM_UP_S)
        row = await self._window(ticker, idle_mb)
        ticker.stop()
        for carrier in self._carriers:
            carrier.close()
        return row

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_LIMIT_S + len(self._carriers) / _CONNECTS_PER_SECOND):
            for carrier in self._carriers:
                await loop.create_connection(partial(_same, carrier), "127.0.0.1", self._streamer.port)
                await carrier.is_connected.wait()
                await asyncio.sleep(1 / _CONNECTS_PER_SECOND)

    async def _window(self, ticker: Ticker, idle_mb: float | None) -> Row:
        before = self._readings()
        self._on_window()
        self._count(ticker, counts=True)
        await asyncio.sleep(self._seconds)
        self._count(ticker, counts=False)
        self._on_window()
        seconds, streamer_s, own_s, busy_s = (
            after - then for after, then in zip(self._readings(), before, strict=True)
        )
        self.samples.lost_calls = sum(carrier.is_lost for carrier in self._carriers)
        calls, rss_mb = len(self._carriers), self._streamer.rss_mb()
        return make_row(
            calls,
            self.samples,
            cpu_ms_per_call_second=_known(1000 * streamer_s / seconds / calls),
            rss_mb_per_call=None if rss_mb is None or idle_mb is None else (rss_mb - idle_mb) / calls,
            other_load_cpus=_known((busy_s - streamer_s - own_s) / seconds),
        )

    def _count(self, ticker: Ticker, *, counts: bool) -> None:
        ticker.counts = counts
        for carrier in self._carriers:
            carrier.counts = counts

    def _readings(self) -> tuple[float, float, float, float]:
        """Return wall time and CPU times: the streamer's, ours, the whole machine's; nan where unknown."""
        cpu_times = (self._streamer.cpu_seconds(), cpu_seconds("self"), busy_seconds())
        return time.perf_counter(), *(math.nan if value is None else value for value in cpu_times)  # type: ignore[return-value]


def _same(carrier: Carrier) -> Carrier:
    return carrier


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


if __name__ == "__main__":
    sys.exit(main())
