"""Going on with a call whose media stream has ended."""

from offhook.errors import ConflictError
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.telephony.instructions import HangUp, Instruction, OpenStream
from offhook.telephony.links import CarrierLinks

MAX_STREAMS_PER_RUN = 100
"""A carrier whose every new stream fails at once would otherwise ask for the next one for ever."""


def open_stream(run: Run, links: CarrierLinks) -> OpenStream:
    """Return the instruction to open the run's present media stream and then to ask how to go on."""
    return OpenStream(
        name=f"{run.id}-{run.stream_number}",
        url=links.media_url(run.id, run.stream_number),
        continue_url=links.continue_url(run.id),
    )


def continue_call(runs: RunRepository, links: CarrierLinks, run: Run) -> Instruction:
    """Return what follows an ended media stream: a new one for a live run, else the end of the call."""
    if run.status.is_final or run.stream_number >= MAX_STREAMS_PER_RUN:
        return HangUp()
    try:
        return open_stream(runs.begin_stream(run), links)
    except ConflictError:
        return HangUp()
