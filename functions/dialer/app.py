"""The dialer as a handler of queue messages, each of which names a run that waits for its dial."""

from functions.dialer.services import DialerServices
from functions.events import EventHandler
from functions.events.messages import each_run


def create_handler(services: DialerServices) -> EventHandler:
    """Return the handler; a message that it fails at is answered as failed, and comes again."""
    return each_run(lambda run_id: services.calls.dial(run_id, services.clock()))
