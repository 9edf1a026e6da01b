"""The one stack: what it is composed of."""

from aws_cdk import Stack
from constructs import Construct

from infra.config import Configuration
from infra.data import Data
from infra.queues import Queues


class OffhookStack(Stack):
    """An install of Offhook; it knows no account and no region, so that it can be synthesised without either."""

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(
            scope, id_, stack_name=config.stack_name, description="Offhook: AI voice agents for phone calls."
        )
        self.data = Data(self, "Data", config=config)
        self.queues = Queues(self, "Queues")
