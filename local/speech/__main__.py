"""The command `python -m local.speech --port P`."""

import argparse
import asyncio
import os


def main() -> None:
    """Serve offline speech on a port of loopback."""
    parser = argparse.ArgumentParser(prog="python -m local.speech", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port to listen on; any free one when left out")
    arguments = parser.parse_args()
    # The matrices here are small; numpy's own threads would only take the processor from the calls.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from local.speech.server import run

    asyncio.run(run(arguments.port))


if __name__ == "__main__":
    main()
