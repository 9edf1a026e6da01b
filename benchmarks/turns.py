"""How well turns are taken with people: recorded speech against the real call machine, on the audio's clock.

`python -m benchmarks.turns --half second`. What is tuned is tuned on the first half; the second half's table counts.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from benchmarks.noises import Condition, on_the_line
from benchmarks.one_call import Delays, Policy, play, voiced_chunks
from benchmarks.prompts import load_prompts
from benchmarks.recognisers import Gated
from benchmarks.scenes import Half, Scene, halves, make_scenes
from benchmarks.verdicts import HEADER, Tally, line

# 700 ms are what services take together; in the second of these rows the recogniser takes them all, and every reply is as
# late as its words.
DELAYS = (
    Delays(),
    Delays(recogniser_ms=700),
    Delays(recogniser_ms=200, model_ms=300, synthesiser_ms=200),
)

WORDS = Policy(name="words", settings={})
# The same with a recogniser that hears what the voice detector lets through, and tells nothing before the end.
GATED = Policy(name="gated", settings={}, recogniser=Gated)
# What the product did before: half a second of silence ends every turn, an eighth of a second of voice takes the floor,
# and the recogniser is asked when the turn is over.
SILENCE = Policy(
    name="silence",
    settings={
        "endpointing_ms": 500,
        "endpointing_complete_ms": 500,
        "endpointing_incomplete_ms": 500,
        "barge_in_ms": 120,
    },
    recogniser=Gated,
    asks_later_ms=300,
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    half = halves(load_prompts())[options.half == "second"]
    scenes = make_scenes(half, options.seed, options.share)
    print(f"{len(scenes)} scenes of the {options.half} half of the recordings, seed {options.seed}")
    policies = (
        (WORDS, GATED, SILENCE) if options.settings is None else (replace(WORDS, settings=options.settings),)
    )
    print(HEADER)
    for condition in options.lines:
        tracks = [_voiced(scene, condition, half, options.seed + n) for n, scene in enumerate(scenes)]
        for policy in policies:
            for delays in DELAYS:
                tally = _tally(scenes, tracks, policy, delays)
                print(line(policy.name, condition, tally), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description=__doc__)
    parser.add_argument("--half", choices=("first", "second"), default="second", help="of the recordings")
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--share", type=float, default=1.0, help="of the 450 scenes")
    parser.add_argument("--settings", type=json.loads, help="of the agent, to be tried alone: a JSON object")
    parser.add_argument("--lines", type=_lines, default=list(Condition), help="clean,noise 20 dB,…")
    return parser


def _lines(text: str) -> list[Condition]:
    return [Condition(name) for name in text.split(",")]


def _voiced(scene: Scene, condition: Condition, half: Half, seed: int) -> list[bool]:
    random = Random(zlib.crc32(f"{seed} {condition}".encode()))
    return voiced_chunks(on_the_line(scene.sound, scene.level, condition, half.all, random))


def _tally(
    scenes: Sequence[Scene], tracks: Sequence[Sequence[bool]], policy: Policy, delays: Delays
) -> Tally:
    tally = Tally(delays=delays)
    for scene, voiced in zip(scenes, tracks, strict=True):
        tally.add(scene, play(scene, voiced, policy, delays))
    return tally


if __name__ == "__main__":
    sys.exit(main())
