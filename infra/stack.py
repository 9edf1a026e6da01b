"""The one stack: what it is composed of."""

from aws_cdk import Environment, Stack
from constructs import Construct

from infra.config import Configuration
from infra.data import Data
from infra.edge.distribution import Edge
from infra.environment import install_settings, room_settings
from infra.functions import FrontDoor, Functions
from infra.grants import Grants
from infra.network import Network
from infra.outputs import add_outputs
from infra.queues import Queues
from infra.slow_starts import warn_of_slow_starts
from infra.streamer.service import StreamerService
from infra.watching import Alarms, Dashboard


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
        data = Data(self, "Data", config=config)
        queues = Queues(self, "Queues")
        network = Network(self, "Network", config=config)
        front_door = FrontDoor(self, "FrontDoor", config=config)
        edge = Edge(self, "Edge", config=config, http_api=front_door.api, network=network, media=data.media)
        settings = install_settings(config=config, data=data, queues=queues, base_url=edge.base_url)
        grants = Grants(self, "Grants", config=config, data=data, queues=queues)
        functions = Functions(
            self,
            "Functions",
            config=config,
            settings=settings,
            queues=queues,
            grants=grants,
            front_door=front_door,
        )
        streamer = StreamerService(
            self,
            "Streamer",
            config=config,
            network=network,
            edge=edge,
            role=grants.task_role("streamer"),
            settings=room_settings("streamer", settings),
        )
        alarms = Alarms(
            self,
            "Alarms",
            config=config,
            data=data,
            queues=queues,
            functions=functions.by_room,
            api=front_door.api,
            streamers=streamer.target_group,
        )
        Dashboard(
            self, "Dashboard", config=config, alarms=alarms.all, functions=functions.by_room, queues=queues
        )
        add_outputs(self, base_url=edge.base_url, config=config, data=data)
        warn_of_slow_starts(self)
