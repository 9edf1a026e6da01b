"""The aftercall function as a handler of queue messages, each of which names a run that is over."""

from functions.aftercall.services import AftercallServices
from functions.http.messages import QueueHandler, each_run


def create_handler(services: AftercallServices) -> QueueHandler:
    """Return the handler; a message that it fails at is answered as failed, and comes again."""
    return each_run(services.callbacks.deliver)
