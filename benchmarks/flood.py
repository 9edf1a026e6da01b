"""Whether hostile peers hurt the calls beside them: `python -m benchmarks.flood`.

Exit status 1 when they do: the calls' audio comes more than 20 ms late (p99), a call or a reply is lost, a caller is
turned away, or `/healthz` is slow; and when the simulated carriers themselves were late, so that the figures mean
nothing.
"""

import argparse
import asyncio
import gc
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

from benchmarks.attackers import Attack, attacked, make_attacks
from benchmarks.crowds import CrowdAttack, MadeUp
from benchmarks.figures import Row, Samples, percentile
from benchmarks.load import Run
from benchmarks.processes import ANNOUNCED, STREAMER, Streamer, become_precise, machine
from benchmarks.witnesses import Witnesses

LATE_LIMIT_MS = 20.0
HEALTH_LIMIT_MS = 100.0
MAX_CALLS = 120
"""The streamer's own default: what takes places must be seen to take them."""

_HEADER = (
    "attack                late ms             reply ms   replies      calls   health ms       turned      load late"
    "   what became of the attackers\n"
    "                      p50 / p99 / max     p99        lost         lost    p50 / p99       away        p99 ms"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How the normal calls, and those that began, fared, and what became of the attackers."""

    attack: str
    outcome: str
    row: Row
    samples: Samples
    witnesses: Witnesses

    def line(self) -> str:
        """Return one line of the table."""
        seen = self.witnesses
        late = " / ".join(f"{percentile(self.samples.lateness, percent):.1f}" for percent in (50, 99, 100))
        missed = f"{self.row.missed_turns} of {self.row.turns}"
        health = " / ".join(f"{percentile(seen.health_ms, percent):.0f}" for percent in (50, 99))
        away = f"{seen.turned_away} of {seen.newcomers}"
        return (
            f"{self.attack:20}  {late:18}  {percentile(self.samples.replies, 99):8.0f}   {missed:10}   "
            f"{self.row.lost_calls:5}   {health:13}   {away:9}   {self.row.generator_late_p99_ms:9.1f}   {self.outcome}"
        )

    @property
    def is_hurt(self) -> bool:
        """Whether anybody but the attackers has suffered."""
        # Asked this way round, a run in which nothing was heard at all (nan) is one that was hurt.
        was_in_time = (
            self.row.lateness_p99_ms <= LATE_LIMIT_MS
            and percentile(self.witnesses.health_ms, 99) <= HEALTH_LIMIT_MS
        )
        return not was_in_time or any(
            (self.row.lost_calls, self.row.missed_turns, self.witnesses.turned_away)
        )


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if (os.cpu_count() or 1) > 1:
        become_precise(1)
    gc.disable()  # a collection would be lateness of ours
    print(machine())
    print(_HEADER)
    attacks = [each for each in make_attacks() if options.only in each.name]
    findings = [
        _measure(options.command, options.calls, options.seconds, attack) for attack in (None, *attacks)
    ]
    return _verdict(findings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="normal calls (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="measured seconds of each attack")
    parser.add_argument("--only", default="", help="only attacks whose name has this in it")
    parser.add_argument(
        "--command",
        type=shlex.split,
        default=list(STREAMER),
        help='another server: it prints {"port": N} once it listens, and refuses the sockets of /refused',
    )
    return parser


def _measure(
    command: Sequence[str], calls: int, seconds: float, attack: Attack | CrowdAttack | None
) -> Finding:
    # A streamer of its own: what the former attack has left behind is no business of the next.
    with Streamer(ANNOUNCED if isinstance(attack, MadeUp) else command, max_calls=MAX_CALLS) as streamer:
        run, witnesses = Run(streamer, calls, seconds), Witnesses(streamer.port)
        if attack is None:
            name, outcome, row = "none", ["-"], uvloop.run(_witnessed(run, witnesses))
        else:
            name = attack.name
            with attacked(attack, streamer.port) as outcome:
                row = uvloop.run(_witnessed(run, witnesses))
    finding = Finding(attack=name, outcome=outcome[0], row=row, samples=run.samples, witnesses=witnesses)
    print(finding.line(), flush=True)
    gc.collect()
    return finding


async def _witnessed(run: Run, witnesses: Witnesses) -> Row:
    watching = asyncio.create_task(witnesses.watch())
    row = await run.run()
    watching.cancel()
    await asyncio.wait([watching])
    return row


def _verdict(findings: Sequence[Finding]) -> int:
    hurt = [each.attack for each in findings if each.is_hurt]
    for attack in hurt:
        print(
            f"Hurt by “{attack}”: late, lost, turned away or slow to answer for its health.", file=sys.stderr
        )
    late = [each.attack for each in findings if not each.row.is_valid]
    if late:
        print(f"The load generator itself was late ({', '.join(late)}): free the machine.", file=sys.stderr)
    return 1 if hurt or late else 0


if __name__ == "__main__":
    sys.exit(main())
