"""The aftercall function as a handler of queue messages, each of which names a run that is over."""

from functions.aftercall.services import AftercallServices
from functions.events import EventHandler
from functions.events.messages import each_run


def create_handler(services: AftercallServices) -> EventHandler:
    """Return the handler; a message that it fails at is answered as failed, and comes again."""
    return each_run(services.callbacks.deliver)
