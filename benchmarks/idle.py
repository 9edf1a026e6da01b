"""What the streamer costs without calls: `python -m benchmarks.idle`."""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.processes import STREAMER, Streamer, machine


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to watch it")
    seconds = parser.parse_args(arguments).seconds
    print(machine())
    with Streamer(STREAMER) as streamer:
        print(f"start to listening: {streamer.starting_s:.2f} s")
        before = streamer.cpu_seconds()
        time.sleep(seconds)
        after, rss_mb = streamer.cpu_seconds(), streamer.rss_mb()
        if before is None or after is None or rss_mb is None:
            print("This system does not tell what a process uses.")
        else:
            print(f"idle: {100 * (after - before) / seconds:.2f} % CPU, {rss_mb:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
