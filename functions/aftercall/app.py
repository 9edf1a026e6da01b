"""The aftercall function as a handler of queue messages, each of which names a run that is over."""

from functions.events import EventHandler
from functions.events.messages import each_run
from offhook.runs.ending.aftercall import Aftercall


def create_handler(aftercall: Aftercall) -> EventHandler:
    """Return the handler; a message that it fails at is answered as failed, and comes again."""
    return each_run(aftercall.follow)
