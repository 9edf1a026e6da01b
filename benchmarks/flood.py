"""Whether a hostile peer hurts the calls beside it: `python -m benchmarks.flood`.

Exit status 1 when one does: its frames come more than 20 ms later (p99) than without an attack, or a call is lost;
and when the simulated carriers themselves were late, so that the figures mean nothing.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

from benchmarks.attackers import Attack, attacked, make_attacks
from benchmarks.figures import Row, Samples, percentile
from benchmarks.load import Run
from benchmarks.processes import Streamer, become_precise, machine

ALLOWED_MS = 20.0
_HEADER = (
    "attack                late ms             reply ms   missed   lost   load late   what became of the attacker\n"
    "                      p50 / p99 / max     p99        of turns        p99 ms"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How the normal calls fared, and what became of the attacker."""

    attack: str
    outcome: str
    row: Row
    samples: Samples

    def line(self) -> str:
        """Return one line of the table."""
        late = " / ".join(f"{percentile(self.samples.lateness, percent):.1f}" for percent in (50, 99, 100))
        missed = f"{self.row.missed_turns} of {self.row.turns}"
        return (
            f"{self.attack:20}  {late:18}  {percentile(self.samples.replies, 99):8.0f}   {missed:8}   "
            f"{self.row.lost_calls:4}   {self.row.generator_late_p99_ms:9.1f}   {self.outcome}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="normal calls (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="measured seconds of each attack")
    options = parser.parse_args(arguments)
    if (os.cpu_count() or 1) > 1:
        become_precise(1)
    gc.disable()  # a collection would be lateness of ours
    print(machine())
    print(_HEADER)
    with Streamer() as streamer:
        baseline, *findings = (
            _measure(streamer, options.calls, options.seconds, attack) for attack in (None, *make_attacks())
        )
    return _verdict(baseline, findings)


def _measure(streamer: Streamer, calls: int, seconds: float, attack: Attack | None) -> Finding:
    run = Run(streamer, calls, seconds)
    if attack is None:
        name, outcome, row = "none", ["-"], uvloop.run(run.run())
    else:
        name = attack.name
        with attacked(attack, streamer.port) as outcome:
            row = uvloop.run(run.run())
    finding = Finding(attack=name, outcome=outcome[0], row=row, samples=run.samples)
    print(finding.line(), flush=True)
    gc.collect()
    return finding


def _verdict(baseline: Finding, findings: Sequence[Finding]) -> int:
    limit_ms = baseline.row.lateness_p99_ms + ALLOWED_MS
    # Asked this way round, a run in which nothing was heard at all (nan) is one that was hurt.
    hurt = [each for each in findings if not each.row.lateness_p99_ms <= limit_ms or each.row.lost_calls]
    for each in hurt:
        print(f"Hurt by “{each.attack}”: p99 above {limit_ms:.1f} ms, or calls lost.", file=sys.stderr)
    late = [each.attack for each in (baseline, *findings) if not each.row.is_valid]
    if late:
        print(f"The load generator itself was late ({', '.join(late)}): free the machine.", file=sys.stderr)
    return 1 if hurt or late else 0


if __name__ == "__main__":
    sys.exit(main())
