"""The functions that no request calls, fed as on AWS: what is queued is dialled, what is owed delivered, what is lost found."""

from functions.dialer.app import create_handler as create_dialer
from functions.dialer.services import DialerServices
from local.event_sources import EventSources, QueueSource
from local.rest import RestServices
from offhook.settings import Settings


def event_sources(services: RestServices, settings: Settings) -> EventSources:
    """Connect the functions to their queues and to the clock."""
    dialer = create_dialer(DialerServices(calls=services.queued_calls, clock=services.clock))
    return EventSources(
        queues=[QueueSource(function_name="dialer", url=settings.dial_queue_url, handler=dialer)],
        schedules=[],
    )
