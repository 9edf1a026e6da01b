"""The functions that no request calls, fed as on AWS: what is queued is dialled, what is owed delivered, what is lost found."""

from functions.aftercall.app import create_handler as create_aftercall
from functions.aftercall.services import make_services as make_aftercall
from functions.dialer.app import create_handler as create_dialer
from functions.dialer.services import make_services as make_dialer
from functions.feeder.app import create_handler as create_feeder
from functions.feeder.services import make_services as make_feeder
from functions.reaper.app import create_handler as create_reaper
from functions.reaper.services import make_services as make_reaper
from local.aws.event_sources import EventSources, QueueSource, Schedule
from offhook.ports import Ports
from offhook.waking import TICK


def event_sources(ports: Ports) -> EventSources:
    """Connect the functions to their queues and to the clock."""
    settings = ports.settings
    dialer = create_dialer(make_dialer(ports))
    aftercall = create_aftercall(make_aftercall(ports))
    feeder = create_feeder(make_feeder(ports))
    reaper = create_reaper(make_reaper(ports))
    return EventSources(
        queues=[
            QueueSource(function_name="dialer", url=settings.dial_queue_url, handler=dialer),
            QueueSource(function_name="aftercall", url=settings.aftercall_queue_url, handler=aftercall),
            QueueSource(function_name="feeder", url=settings.campaign_queue_url, handler=feeder),
        ],
        schedules=[
            Schedule(function_name="reaper", every_seconds=TICK.total_seconds(), handler=reaper),
            Schedule(function_name="feeder", every_seconds=TICK.total_seconds(), handler=feeder),
        ],
    )
