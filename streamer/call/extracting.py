"""Actions of values that a model has found in the talk, beside the turn."""

from streamer.call.course import Course
from streamer.call.events import Extracted
from streamer.call.extraction import extraction_events


def values_are_found(call: Course, event: Extracted) -> None:
    """Keep the values, for the run and for what is said from here on."""
    call.talk.gathered |= event.values
    for told in extraction_events(event):
        call.append(told)
