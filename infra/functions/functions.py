"""One Lambda function for each folder of `functions/` that has a handler, and what calls it."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_events_targets import LambdaFunction
from constructs import Construct

from infra.bundles import AWS
from infra.config import Configuration
from infra.environment import room_settings
from infra.findings import acknowledge
from infra.functions.code import functions_code
from infra.functions.front_door import ELSEWHERE, ROUTES, FrontDoor
from infra.grants import Grants
from infra.logs import log_group
from infra.queues import Queues, WorkQueue
from offhook.settings import Settings

HTTP_ROOMS = (*dict.fromkeys(ROUTES.values()), ELSEWHERE)

# CPU comes with memory, and 1,769 MiB are one whole CPU: at 1,024 a first request waits about a second, at 512 two, which
# cost the same. More would speed up starts alone, for a warm request waits for DynamoDB and carriers.
_MEMORY_MIB = 1024
# Nobody waits for their starts.
_PATIENT_MEMORY_MIB = 512
# One whole CPU, for files of contacts: at 512 MiB one of 100,000 rows would take not one minute but three.
_READING_MEMORY_MIB = 1769
# The HTTP API has given up after 30 s: what answers later is heard by nobody.
_REQUEST_LIMIT = Duration.seconds(29)
# A slow carrier may hold a walk over all runs up for minutes; the next one begins beside it, which does no harm.
_REAPER_LIMIT = Duration.minutes(5)
_TICK = Duration.minutes(1)
# Of each queue at once. A new account runs ten functions at the same time, and requests need some of them.
_MOST_AT_ONCE = 3


class Functions(Construct):
    """All functions by room; `settings` are those of the whole install."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Configuration,
        settings: Settings,
        queues: Queues,
        grants: Grants,
        front_door: FrontDoor,
    ) -> None:
        super().__init__(scope, id_)
        self._config = config
        self._settings = settings
        self._grants = grants
        self._code = functions_code(self)
        self.by_room: Mapping[str, lambda_.Function] = {
            **{room: self._function(room, _MEMORY_MIB, _REQUEST_LIMIT) for room in HTTP_ROOMS},
            "dialer": self._function("dialer", _PATIENT_MEMORY_MIB, queues.dials.timeout),
            "aftercall": self._function("aftercall", _PATIENT_MEMORY_MIB, queues.aftercalls.timeout),
            "feeder": self._function("feeder", _READING_MEMORY_MIB, queues.campaigns.timeout),
            "reaper": self._function("reaper", _PATIENT_MEMORY_MIB, _REAPER_LIMIT),
        }
        for room in HTTP_ROOMS:
            front_door.lead_to(room, self.by_room[room])
        self._feed("dialer", queues.dials)
        self._feed("aftercall", queues.aftercalls)
        self._feed("feeder", queues.campaigns)
        self._tick("reaper", "feeder")

    def _function(self, room: str, memory_mib: int, timeout: Duration) -> lambda_.Function:
        name = room.title().replace("_", "")
        log = log_group(self, f"{name}Log", self._config)
        function = lambda_.Function(
            self,
            name,
            description=f"Offhook: {room}",
            runtime=lambda_.Runtime(f"python{AWS.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.ARM_64,
            handler=f"functions.{room}.handler.handler",
            code=self._code,
            memory_size=memory_mib,
            timeout=timeout,
            environment=room_settings(room, self._settings).to_env(),
            role=self._grants.function_role(room, log),
            log_group=log,
            # Ours is JSON already; Lambda's own format would filter it by a second level.
            logging_format=lambda_.LoggingFormat.TEXT,
        )
        acknowledge(
            function,
            "AwsSolutions-L1",
            f"The libraries are locked and compiled for Python {AWS.python}, which AWS supports until 2029.",
        )
        return function

    def _feed(self, room: str, work: WorkQueue) -> None:
        # Not as an event source of CDK, which would give the role more than Lambda needs to bring messages.
        lambda_.EventSourceMapping(
            self,
            f"{room.title()}Messages",
            target=self.by_room[room],
            event_source_arn=work.queue.queue_arn,
            batch_size=1,
            report_batch_item_failures=True,
            max_concurrency=_MOST_AT_ONCE,
        )

    def _tick(self, *rooms: str) -> None:
        # What failed is not tried again, and what comes late is left out: the next tick looks at everything.
        for room in rooms:
            self.by_room[room].configure_async_invoke(retry_attempts=0, max_event_age=_TICK)
        events.Rule(
            self,
            "EveryMinute",
            description="Calls the reaper, which looks after the runs of all organizations, and the feeder, which begins what is due.",
            schedule=events.Schedule.rate(_TICK),
            targets=[
                LambdaFunction(self.by_room[room], retry_attempts=0, max_event_age=_TICK) for room in rooms
            ],
        )
