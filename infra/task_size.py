"""How large a task must be for its calls.

A call through Transcribe and Polly takes 4.6 ms of CPU a second (`python -m benchmarks.aws_calls`), and a core of Fargate
is none of the machine that measured it: at `max_calls` half of the task's CPU is left, for calls that begin at once.
"""

from dataclasses import dataclass

CPU_MS_PER_CALL_SECOND = 4.6
MOST_CALLS = 150
"""One process serves all calls of a task in one event loop, and that has one core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One that Fargate has: 1,024 units of CPU are a core."""

    max_calls: int
    cpu_units: int
    memory_mib: int


_SIZES = (
    Size(max_calls=50, cpu_units=512, memory_mib=1024),
    Size(max_calls=100, cpu_units=1024, memory_mib=2048),
    # The second core is for what isn't the event loop: stores, recordings, encryption.
    Size(max_calls=MOST_CALLS, cpu_units=2048, memory_mib=4096),
)


def size_for(max_calls: int) -> Size:
    """Return the smallest that holds so many calls; `max_calls` is at most MOST_CALLS."""
    return next(size for size in _SIZES if max_calls <= size.max_calls)
