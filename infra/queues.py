"""The queues of runs that wait for their dial or for what follows a call, and of campaigns that are to be fed."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

# Lambda's advice for a queue that feeds a function: what is being worked on isn't handed out again meanwhile.
_VISIBILITY_TIMEOUTS = 6
_MOST_RECEIVES = 5


class WorkQueue(Construct):
    """A queue for one function that may take `timeout` for a message, and where its messages go that fail each time."""

    def __init__(self, scope: Construct, id_: str, *, timeout: Duration) -> None:
        super().__init__(scope, id_)
        self.timeout = timeout
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(_VISIBILITY_TIMEOUTS * timeout.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=_MOST_RECEIVES, queue=self.dead_letters),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )


class Queues(Construct):
    """All queues; losing a message is no harm, since the reaper and the feeder ask again each minute."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.dials = WorkQueue(self, "Dials", timeout=Duration.seconds(30))
        # Some work on slow receivers and models, and then the next message; what was lost the reaper finds after 20 minutes.
        self.aftercalls = WorkQueue(self, "Aftercalls", timeout=Duration.seconds(120))
        # A file of contacts is read in parts, each with a message of its own; one that dies is taken up 12 minutes later.
        self.campaigns = WorkQueue(self, "Campaigns", timeout=Duration.seconds(120))

    @property
    def by_name(self) -> Mapping[str, WorkQueue]:
        """The queues by the names that grants have for them."""
        return {"dials": self.dials, "aftercalls": self.aftercalls, "campaigns": self.campaigns}
