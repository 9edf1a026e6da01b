"""Going on with a call whose media stream has ended."""

from offhook.errors import ConflictError
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.telephony.cxml import connect_stream, hang_up
from offhook.telephony.links import CarrierLinks

MAX_STREAMS_PER_RUN = 100
"""A carrier whose every new stream fails at once would otherwise ask for the next one for ever."""


def stream_document(run: Run, links: CarrierLinks) -> str:
    """Return the CXML that opens the run's present media stream and then comes back to ask how to go on."""
    return connect_stream(
        name=f"{run.id}-{run.stream_number}",
        url=links.media_url(run.id, run.stream_number),
        redirect_url=links.continue_url(run.id),
    )


def continue_call(runs: RunRepository, links: CarrierLinks, run_id: int) -> str:
    """Return the CXML that follows an ended media stream: a new one for a live run, else a hang-up.

    Raises NotFoundError for a run that is not stored.
    """
    run = runs.get_for_carrier(run_id)
    if run.status.is_final or run.stream_number >= MAX_STREAMS_PER_RUN:
        return hang_up()
    try:
        return stream_document(runs.begin_stream(run), links)
    except ConflictError:
        return hang_up()
