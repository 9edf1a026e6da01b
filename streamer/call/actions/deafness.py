"""Actions of a call that nothing hears: it goes on by keys, or waits for a while that somebody does."""

from streamer.call.course.course import Course
from streamer.call.events import EngineFailed
from streamer.call.floor import Floor

LONGEST_DEAF_MS = 10_000
"""After so long the caller, who has been asked to say it again, is not kept on a line that hears nothing."""


def hearing_is_lost(call: Course, _: object) -> None:
    """Take note that the caller's words are not heard, or later."""
    call.deaf_since_ms = call.now_ms


def hearing_is_found(call: Course, _: object) -> None:
    """Take note that they are heard again."""
    call.deaf_since_ms = None
    call.has_told_deaf = False


def ask_once(call: Course) -> None:
    """Ask a caller again whom nothing has heard; they are not to blame, so it counts for nothing and is said once."""
    call.agent.unheard = []
    if call.has_told_deaf:
        call.move(Floor.SILENT)
    else:
        call.has_told_deaf = True
        call.prompt_again(next(iter(call.settings.misunderstood), ""))


def deaf_too_long(call: Course, _: object) -> None:
    """Give up a call that can only go on by words."""
    call.happened.append(EngineFailed(engine="recogniser", code="recogniser-failed"))
