"""The network: tasks with public addresses in public subnets, the load balancer in isolated ones, no NAT between."""

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct, DependencyGroup

from infra.config import Configuration
from infra.findings import acknowledge

PUBLIC_ALB = "public-alb"
"""The edge whose load balancer the internet can reach."""

_ZONES = 2
_CIDR = "10.0.0.0/16"
_PUBLIC, _INTERNAL = "Tasks", "LoadBalancer"
# What says nothing for so long is cut off: several of the streamer's pings, so that one lost on the way costs no call.
_IDLE_LIMIT = Duration.minutes(2)


class Network(Construct):
    """What streamers stand in; a NAT gateway would cost more than all the rest of an idle install.

    Nothing reaches a task but through the load balancer, and nothing reaches that but through the edge; tasks reach each
    other, for a call is watched through any of them.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(scope, id_)
        is_public = config.edge == PUBLIC_ALB
        self.vpc = _vpc(self, [zone for zone in config.availability_zones.split(",") if zone])
        subnets = self.vpc.public_subnets
        # The VPC's own word for this is its gateway, be that attached or not.
        self.way_out = DependencyGroup(*(subnet.internet_connectivity_established for subnet in subnets))
        self.load_balancer_group = ec2.SecurityGroup(
            self,
            "LoadBalancerGroup",
            vpc=self.vpc,
            description="The load balancer.",
            allow_all_outbound=False,
        )
        self.task_group = ec2.SecurityGroup(
            self, "TaskGroup", vpc=self.vpc, description="Tasks of the streamer.", allow_all_outbound=True
        )
        self.load_balancer = elb.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=self.vpc,
            internet_facing=is_public,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name=_PUBLIC if is_public else _INTERNAL),
            security_group=self.load_balancer_group,
            idle_timeout=_IDLE_LIMIT,
            drop_invalid_header_fields=True,
            # Its own peer comes last, where the streamer counts from.
            xff_header_processing_mode=elb.XffHeaderProcessingMode.APPEND,
        )
        if not is_public:
            # CloudFront's interfaces stand in the load balancer's own subnets; their group has no name before they do.
            self.load_balancer_group.add_ingress_rule(
                ec2.Peer.ipv4(_CIDR), ec2.Port.tcp(80), "CloudFront, from inside."
            )
        acknowledge(
            self.load_balancer,
            "AwsSolutions-ELB2",
            "An access log holds paths, and in those of media sockets stand tokens.",
        )

    @property
    def tasks(self) -> ec2.SubnetSelection:
        """Where tasks stand."""
        return ec2.SubnetSelection(subnet_group_name=_PUBLIC)


def _vpc(scope: Construct, zones: list[str]) -> ec2.Vpc:
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr(_CIDR),
        availability_zones=zones or None,
        max_azs=None if zones else _ZONES,
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(
                name=_PUBLIC, subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=20, map_public_ip_on_launch=False
            ),
            ec2.SubnetConfiguration(
                name=_INTERNAL, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
            ),
        ],
        # Would be a function of its own, to take away what nothing here uses.
        restrict_default_security_group=False,
    )
    # Recordings, events and rows go past the internet, and cost nothing on the way.
    vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
    acknowledge(
        vpc,
        "AwsSolutions-VPC7",
        "Flow logs would say who telephones when, and cost more than the idle install; turn them on in your account.",
    )
    return vpc
