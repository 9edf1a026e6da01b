"""What it costs to start a function: `python -m benchmarks.init`.

CPU of a fresh interpreter on the functions' bundle, up to its handler, beside one that does no more than make a boto3
client; in rounds that start each function once, so that what else the machine does falls on all of them. That only ever
adds to what a start costs, so the least of all rounds is what is compared; the median is what this machine had to spare.
The install secret is read and the connection to the store opened as on AWS. Exit status 1 when a function costs more
than its limit.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import boto3

from benchmarks.function_world import World, function_world
from benchmarks.processes import machine

HTTP_LIMIT = 2.7
EVENT_LIMIT = 2.0
DOCS_LIMIT = 1.6

LIMITS = {
    **dict.fromkeys(
        (
            "trigger",
            "runs",
            "telephony",
            "organization",
            "sessions",
            "agents",
            "api_keys",
            "campaigns",
            "analytics",
        ),
        HTTP_LIMIT,
    ),
    "docs": DOCS_LIMIT,
    **dict.fromkeys(("dialer", "aftercall", "feeder", "reaper"), EVENT_LIMIT),
}
"""Times the CPU of bare boto3."""

PROJECT = Path(__file__).parents[1]

_BARE = "bare boto3"
_HEADER = "function         init ms (median)     times bare boto3     limit     first request ms"


@dataclass(slots=True)
class Starts:
    """What the starts of one function have cost, in ms of CPU."""

    inits_ms: list[float] = field(default_factory=list)
    firsts_ms: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    print(machine())
    return asyncio.run(_run(options.rounds, options.only))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.init", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=15, help="starts of each function (default: %(default)s)"
    )
    parser.add_argument("--only", default="", help="only functions whose name has this in it")
    return parser


async def _run(rounds: int, only: str) -> int:
    names = [_BARE, *(name for name in LIMITS if only in name)]
    async with function_world() as world:
        for name in names:
            # Not measured: it compiles what is not compiled yet.
            _start(world, name)
        starts: dict[str, Starts] = defaultdict(Starts)
        for _ in range(rounds):
            for name in names:
                cost = _start(world, name)
                starts[name].inits_ms.append(cost["init_ms"])
                starts[name].firsts_ms.append(cost["first_ms"])
    return _verdict(starts)


def _start(world: World, name: str) -> dict[str, Any]:
    packages = Path(boto3.__file__).parents[1] if name == _BARE else world.bundle
    module = "benchmarks.bare_boto3" if name == _BARE else f"functions.{name}.handler"
    process = subprocess.run(
        # Without the packages of this environment, but for boto3: some import others where they are there.
        [sys.executable, "-S", "-m", "benchmarks.one_init", module],
        cwd=world.bundle,
        env={**world.environment, "PYTHONPATH": os.pathsep.join(map(str, (packages, PROJECT)))},
        input=json.dumps(world.events.get(name, {})),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    # What the function logs stands above it.
    cost: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    status = cost["answer"].get("statusCode", 200)
    if status >= 400 or cost["answer"].get("batchItemFailures"):
        raise SystemExit(f"{name} did not do what it was asked first: {cost['answer']}")
    return cost


def _verdict(starts: dict[str, Starts]) -> int:
    print(_HEADER)
    bare_ms = min(starts[_BARE].inits_ms)
    over = []
    for name, each in starts.items():
        init_ms, limit = min(each.inits_ms), LIMITS.get(name)
        times = init_ms / bare_ms
        print(
            f"{name:15}  {init_ms:7.0f} ({median(each.inits_ms):6.0f})     {times:16.2f}     {limit or '':5}"
            f"     {min(each.firsts_ms):16.0f}"
        )
        if limit and times > limit:
            over.append(name)
    if over:
        print(f"Over the limit: {', '.join(over)}.", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
