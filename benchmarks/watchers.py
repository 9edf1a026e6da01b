"""What those who listen in cost the calls beside them: 20 watchers with audio on one of 100 calls, against none, in one run.

`python -m benchmarks.watchers --calls 100 --watchers 20 --seconds 15 --rounds 2`. Windows without and with watchers take
turns, so that what else the machine does is in both. Exit status 1 when they make calls more than 10 ms later (p99) or
cost more than 15 % of the CPU, or when the carriers themselves were late, so that the figures mean nothing.
"""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields

import uvloop
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.carriers import Ticker
from benchmarks.figures import HEADER, Row, Samples, line
from benchmarks.load import WARM_UP_S, Run
from benchmarks.processes import Streamer, become_precise, machine
from streamer.conductor.tap import LISTENED_MS

WATCHED = (sys.executable, "-m", "benchmarks.watched")

MOST_LATER_MS = 10.0
MOST_CPU = 1.15

_SETTLING_S = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if (os.cpu_count() or 1) > 1:
        become_precise(1)
    gc.disable()  # a collection would be lateness of ours
    print(machine())
    print(HEADER)
    with Streamer(WATCHED) as streamer:
        run = WatchedRun(streamer, options.calls, options.seconds, options.watchers, options.rounds)
        uvloop.run(run.run_all())
    return _verdict(run, options.watchers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watchers", description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--watchers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each window")
    parser.add_argument("--rounds", type=int, default=2, help="windows without, and as many with watchers")
    return parser


class WatchedRun(Run):
    """One load, in windows without and with watchers."""

    def __init__(self, streamer: Streamer, calls: int, seconds: float, watchers: int, rounds: int) -> None:
        super().__init__(streamer, calls, seconds)
        self.seconds = seconds
        self._watchers = watchers
        self._rounds = rounds
        self.alone: list[Row] = []
        self.watched: list[Row] = []
        self.pieces: list[int] = []
        """How many pieces of audio each watcher was sent in each window."""

    async def run_all(self) -> None:
        """Connect, warm up, measure in turns, hang up."""
        await asyncio.sleep(_SETTLING_S)
        ticker = Ticker(self._carriers, self.samples)
        ticker.start()
        await self._connect()
        await asyncio.sleep(WARM_UP_S)
        for _ in range(self._rounds):
            self.alone.append(await self._fresh_window(ticker))
            async with _watching(self._streamer.port, self._watchers) as heard:
                await asyncio.sleep(_SETTLING_S)
                before = list(heard)
                self.watched.append(await self._fresh_window(ticker))
                self.pieces += [after - then for after, then in zip(heard, before, strict=True)]
        ticker.stop()
        for carrier in self._carriers:
            carrier.close()

    async def _fresh_window(self, ticker: Ticker) -> Row:
        for each in fields(Samples):
            found = getattr(self.samples, each.name)
            if isinstance(found, list):
                found.clear()
            else:
                setattr(self.samples, each.name, 0)
        row = await self._window(ticker, None)
        print(line(row), flush=True)
        return row


@asynccontextmanager
async def _watching(port: int, watchers: int) -> AsyncIterator[list[int]]:
    """Listen with so many; yield how many pieces each has heard."""
    heard = [0] * watchers

    async def listen(place: int) -> None:
        try:
            async with connect(
                f"ws://127.0.0.1:{port}/watch?audio=binary", compression=None, proxy=None
            ) as socket:
                async for message in socket:
                    heard[place] += isinstance(message, bytes)
        except ConnectionClosed:
            pass

    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        listening = [tasks.create_task(listen(place)) for place in range(watchers)]
        yield heard
        for each in listening:
            each.cancel()


def _verdict(run: WatchedRun, watchers: int) -> int:
    later_ms = _mean([row.lateness_p99_ms for row in run.watched]) - _mean(
        [row.lateness_p99_ms for row in run.alone]
    )
    cpu = _mean([row.cpu_ms_per_call_second or 0.0 for row in run.watched]) / _mean(
        [row.cpu_ms_per_call_second or 1.0 for row in run.alone]
    )
    print(f"{watchers} watchers: {later_ms:+.1f} ms lateness (p99), {cpu:.3f} x the CPU")
    least = round(run.seconds * 1000 / LISTENED_MS * 0.9)
    if min(run.pieces) < least:
        print(f"A watcher was sent {min(run.pieces)} pieces of audio, fewer than {least}.", file=sys.stderr)
        return 1
    if not all(row.is_valid for row in (*run.alone, *run.watched)):
        print("The load generator itself was late: these figures mean nothing.", file=sys.stderr)
        return 1
    return int(later_ms > MOST_LATER_MS or cpu > MOST_CPU)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    sys.exit(main())
