"""The one stack: what it is composed of."""

from aws_cdk import Environment, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config import Configuration
from infra.data import Data
from infra.edge.distribution import Edge
from infra.findings import acknowledge
from infra.network import Network
from infra.queues import Queues
from infra.streamer.service import StreamerService


class OffhookStack(Stack):
    """An install of Offhook; it knows no account, and no region but one that it is told, so that none is needed for it."""

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(
            scope,
            id_,
            stack_name=config.stack_name,
            description="Offhook: AI voice agents for phone calls.",
            env=Environment(region=config.region or None),
        )
        self.network = Network(self, "Network", config=config)
        self.data = Data(self, "Data", config=config)
        self.queues = Queues(self, "Queues")
        http_api = apigateway.HttpApi(self, "HttpApi")
        acknowledge(http_api, "AwsSolutions-APIG1", "It leads nowhere yet.")
        self.edge = Edge(self, "Edge", config=config, http_api=http_api, network=self.network)
        self.streamer = StreamerService(
            self,
            "Streamer",
            config=config,
            network=self.network,
            edge=self.edge,
            role=iam.Role(self, "StreamerRole", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")),
            settings=config.settings(public_base_url=self.edge.base_url),
        )
