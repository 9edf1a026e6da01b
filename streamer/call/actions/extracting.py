"""Actions of values that a model has found in the talk, beside the turn."""

from offhook.runs.log.events import ContextEvent, ErrorEvent
from streamer.call.course.course import Course
from streamer.call.events import Extracted


def values_are_found(call: Course, event: Extracted) -> None:
    """Keep the values, for the run and for what is said from here on."""
    if event.values:
        call.talk.gathered |= event.values
        call.append(ContextEvent(gathered=event.values))
    for fault in event.faults:
        call.append(
            ErrorEvent(code="extraction-failed", message=fault, node_id=event.node_id, recoverable=True)
        )
