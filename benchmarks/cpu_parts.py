"""What parts of a process its CPU time goes to: the clocks of its threads, and samples of what its main thread does.

On Linux only.
"""

import ctypes
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from types import FrameType


class Part(StrEnum):
    """The parts of a streamer."""

    SOCKET = "socket"  # the carrier's: frames and messages in both directions
    VOICE = "voice detection"
    RECOGNISER = "recogniser client"
    SYNTHESISER = "synthesiser client"
    MODEL = "model client"
    CALL = "the call"  # conductor and machine
    REST = "the rest"  # the event loop, and what was there before the calls


# By where the code stands, the first that fits. Libraries serve several parts, so whoever uses them counts; what uvloop
# calls directly of one of the clients' libraries has nobody of ours above it.
_PLACES = (
    ("/streamer/speech/transcribe/", Part.RECOGNISER),
    ("/streamer/speech/polly", Part.SYNTHESISER),
    ("/streamer/conductor/synthesising", Part.SYNTHESISER),
    ("/streamer/conductor/thinking", Part.MODEL),
    ("/streamer/speech/thinker", Part.MODEL),
    ("/offhook/adapters/bedrock/", Part.MODEL),
    ("/offhook/adapters/openai/", Part.MODEL),
    ("/streamer/speech/voice", Part.VOICE),
    ("/streamer/media/mulaw", None),  # everybody's
    ("/streamer/media/", Part.SOCKET),
    ("/streamer/sockets/", Part.SOCKET),
    ("/streamer/conductor/playout", Part.SOCKET),
    ("/streamer/conductor/segments", Part.SOCKET),
    ("/streamer/", Part.CALL),
)
_LIBRARIES = (
    ("/websockets/", Part.RECOGNISER),
    ("/amazon_transcribe/", Part.RECOGNISER),
    ("/httpcore/", Part.MODEL),
)
_PERIOD_S = 0.004
_THREADS = {Part.SYNTHESISER: "polly", Part.MODEL: "bedrock"}


class CpuParts:
    """Counts from its making on, in the main thread; one for each process."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(Part, 0.0)
        self._counted_s = time.thread_time()
        signal.signal(signal.SIGPROF, self._sample)
        _signal_by_cpu_time(signal.SIGPROF, _PERIOD_S)

    def seconds(self) -> dict[Part, float]:
        """Return the CPU seconds of each part so far."""
        seconds = dict(self._seconds)
        in_threads = {part: _thread_seconds(name) for part, name in _THREADS.items()}
        for part, spent in in_threads.items():
            seconds[part] += spent
        # The other threads are those of the common runtime, and those that fetch credentials.
        seconds[Part.RECOGNISER] += time.process_time() - time.thread_time() - sum(in_threads.values())
        return seconds

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        # Weighed by what was used since the last one: the kernel looks at its timers a few hundred times a second.
        now_s = time.thread_time()
        self._seconds[part_of_files(_files(frame))] += now_s - self._counted_s
        self._counted_s = now_s


def _thread_seconds(name: str) -> float:
    """Return the CPU seconds of the threads whose names begin so."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.ident is not None and thread.name.startswith(name)
    )


class _Notification(ctypes.Structure):
    """`struct sigevent`, as far as it says which signal."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("rest", ctypes.c_byte * 48),
    )


class _Interval(ctypes.Structure):
    """`struct itimerspec`: the period and the first time, in seconds and nanoseconds."""

    _fields_ = (("spec", ctypes.c_long * 4),)


def _signal_by_cpu_time(number: int, period_s: float) -> None:
    """Send a signal whenever this thread has used so much CPU; Python's own timers count that of all threads."""
    libc, timer = ctypes.CDLL(None, use_errno=True), ctypes.c_void_p()
    notification = _Notification(signal=number)
    clock = time.CLOCK_THREAD_CPUTIME_ID
    period_ns = round(period_s * 1e9)
    interval = _Interval((ctypes.c_long * 4)(0, period_ns, 0, period_ns))
    if libc.timer_create(clock, ctypes.byref(notification), ctypes.byref(timer)) or libc.timer_settime(
        timer, 0, ctypes.byref(interval), None
    ):
        raise OSError(ctypes.get_errno(), "no timer for this thread's CPU time")


def part_of_files(files: Iterable[str]) -> Part:
    """Return the part that the first code of ours in these files belongs to; the innermost comes first."""
    library: Part | None = None
    for file in files:
        part, of_library = _place(file)
        if part is not None:
            return part
        library = library or of_library
    return library or Part.REST


def _files(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


@cache
def _place(file: str) -> tuple[Part | None, Part | None]:
    return _first(_PLACES, file), _first(_LIBRARIES, file)


def _first(places: tuple[tuple[str, Part | None], ...], file: str) -> Part | None:
    return next((part for place, part in places if place in file), None)
