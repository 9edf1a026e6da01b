"""Going on with a call whose media stream has ended."""

from offhook.errors import ConflictError
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.telephony.instructions import HangUp, Instruction, OpenStream
from offhook.telephony.links import CarrierLinks

MAX_STREAMS_PER_RUN = 100
"""A carrier whose every new stream fails at once would otherwise ask for the next one for ever."""

REPEAT_WAITS_SECONDS = (1, 2, 3, 4, *[5] * 10)
"""How long the carrier waits before it tries again a stream that nobody has taken, each time; a minute in all.

The streamer was full, or restarts: a place is free in seconds, or the caller has listened to nothing for long enough.
"""

_NO_PLACE = "All our lines are busy at the moment. Please try again in a few minutes. Goodbye."


def open_stream(run: Run, links: CarrierLinks, *, wait_seconds: int = 0) -> OpenStream:
    """Return the instruction to open the run's present media stream and then to ask how to go on."""
    repeat = f"-{run.stream_repeats}" if run.stream_repeats else ""
    return OpenStream(
        name=f"{run.id}-{run.stream_number}{repeat}",
        wait_seconds=wait_seconds,
        url=links.media_url(run.id, run.stream_number),
        continue_url=links.continue_url(run.id),
    )


def continue_call(runs: RunRepository, links: CarrierLinks, run: Run) -> Instruction:
    """Return what follows an ended media stream: a new one for a live run, else the end of the call.

    A stream that no streamer has taken is tried again after a wait, and uses up none of the run's.
    """
    if run.status.is_final:
        return HangUp()
    try:
        return _begin(runs, links, run) if run.has_taken_stream else _repeat(runs, links, run)
    except ConflictError:
        return HangUp()


def _begin(runs: RunRepository, links: CarrierLinks, run: Run) -> Instruction:
    if run.stream_number >= MAX_STREAMS_PER_RUN:
        return HangUp()
    return open_stream(runs.begin_stream(run), links)


def _repeat(runs: RunRepository, links: CarrierLinks, run: Run) -> Instruction:
    if run.stream_repeats >= len(REPEAT_WAITS_SECONDS):
        return HangUp(sentence=_NO_PLACE)
    wait_seconds = REPEAT_WAITS_SECONDS[run.stream_repeats]
    return open_stream(runs.repeat_stream(run), links, wait_seconds=wait_seconds)
