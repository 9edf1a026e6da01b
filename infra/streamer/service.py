"""The Fargate service of the streamer, behind its load balancer."""

from collections.abc import Mapping
from dataclasses import replace

from aws_cdk import CfnResource, Duration, Stack
from aws_cdk import Size as Bytes
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config import Configuration
from infra.edge.distribution import TRUSTED_PROXIES, Edge
from infra.findings import acknowledge
from infra.logs import log_group
from infra.network import Network
from infra.streamer.listening import listen
from infra.streamer.program import Program, booted, packed
from infra.streamer.scaling import Scaling
from infra.task_size import size_for
from offhook.settings import Settings

PORT = 8080
DRAIN_LIMIT = Duration.seconds(3600)
"""The most that a load balancer waits for, and the longest call: all fit into it."""

_STOP_LIMIT = Duration.seconds(120)  # the most on Fargate
_START_LIMIT = Duration.minutes(2)
_NOBODY = "65534:65534"


class StreamerService(Construct):
    """Tasks that hold calls; a deployment takes none of them away.

    ECS takes a task out of the load balancer and leaves it alone until its last call is over; the deployment doesn't
    wait for that. `settings` are all that the streamer reads but for what stands in front of it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Configuration,
        network: Network,
        edge: Edge,
        role: iam.Role,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        program = packed(self, config.image) if config.image else booted(self, role)
        self.log_group = log_group(self, "Log", config)
        self.target_group = _target_group(self, network, is_public=edge.lock is not None)
        listen(network, self.target_group, edge.lock)
        network.task_group.add_ingress_rule(
            network.task_group, ec2.Port.tcp(PORT), "Another task, where somebody watches a call of this one."
        )
        self.service = self._service(
            network,
            self._task(config, role, program, replace(settings, trusted_proxies=TRUSTED_PROXIES).to_env()),
        )
        self.service.attach_to_application_target_group(self.target_group)
        Scaling(self, "Scaling", config=config, service=self.service)

    def _task(
        self, config: Configuration, role: iam.Role, program: Program, environment: Mapping[str, str]
    ) -> ecs.FargateTaskDefinition:
        size = size_for(config.max_calls)
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=size.cpu_units,
            memory_limit_mib=size.memory_mib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=role,
        )
        task.add_container(
            "streamer",
            image=program.image,
            entry_point=list(program.entry_point) or None,
            command=[*program.command, "--host", "0.0.0.0", "--port", str(PORT)],  # noqa: S104 - in its own network
            # The SDK reads this variable and not the one that ECS sets.
            environment={**environment, "AWS_DEFAULT_REGION": Stack.of(self).region},
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            user=_NOBODY,
            stop_timeout=_STOP_LIMIT,
            version_consistency=ecs.VersionConsistency.ENABLED,
            # As the first process of a container the streamer would have to reap what is not its own.
            linux_parameters=ecs.LinuxParameters(self, "Linux", init_process_enabled=True),
            # Who waits for CloudWatch to take a line holds up everybody's audio.
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="streamer",
                log_group=self.log_group,
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=Bytes.mebibytes(16),
            ),
        )
        if config.image and task.execution_role:
            acknowledge(
                task.execution_role,
                "AwsSolutions-IAM5[Resource::*]",
                "ECR's tokens are of the whole registry; what is pulled is named.",
            )
        # CDK's name for it would be the same in each install.
        _resource(task).add_property_deletion_override("Family")
        acknowledge(
            task,
            "AwsSolutions-ECS2",
            "The variables name things and hold no secret; of that they hold the id.",
        )
        return task

    def _service(self, network: Network, task: ecs.FargateTaskDefinition) -> ecs.FargateService:
        cluster = ecs.Cluster(self, "Cluster", vpc=network.vpc)
        acknowledge(
            cluster,
            "AwsSolutions-ECS4",
            "The streamer publishes its own figures; Container Insights costs by the task.",
        )
        service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            assign_public_ip=True,
            vpc_subnets=network.tasks,
            security_groups=[network.task_group],
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            health_check_grace_period=_START_LIMIT,
            # It would move tasks, and with them calls, for the sake of symmetry.
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.DISABLED,
        )
        _finish_early(service)
        service.node.add_dependency(network.way_out)
        return service


def _finish_early(service: ecs.FargateService) -> None:
    """Have a deployment end when the new tasks are healthy; the former ones drain behind its back, up to an hour."""
    _resource(service).add_property_override(
        "DeploymentConfiguration.EarlySuccessCriteria",
        {"Enable": True, "HealthyPercent": 100, "SourceServiceRevisionCleanup": "DEFERRED"},
    )


def _resource(construct: Construct) -> CfnResource:
    """Return the resource that a construct is made of, for what only that can be told."""
    resource = construct.node.default_child
    assert isinstance(resource, CfnResource)  # noqa: S101 - by definition
    return resource


def _target_group(scope: Construct, network: Network, *, is_public: bool) -> elb.ApplicationTargetGroup:
    return elb.ApplicationTargetGroup(
        scope,
        # Another edge has another load balancer, and none takes a group that the former one still has.
        "PublicTargets" if is_public else "Targets",
        vpc=network.vpc,
        target_type=elb.TargetType.IP,
        protocol=elb.ApplicationProtocol.HTTP,
        port=PORT,
        deregistration_delay=DRAIN_LIMIT,
        # A call is one request that lasts: whoever has the fewest takes the next.
        load_balancing_algorithm_type=elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
        # Life, never load: a full task is healthy, and to replace it would cut its calls off.
        health_check=elb.HealthCheck(
            path="/healthz",
            interval=Duration.seconds(10),
            timeout=Duration.seconds(9),
            healthy_threshold_count=2,
            unhealthy_threshold_count=6,
        ),
    )
