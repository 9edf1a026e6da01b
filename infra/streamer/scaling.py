"""When streamers are added, and when they go: by how full they are, as they publish it."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config import Configuration
from infra.watching.metrics import streamer_figure

METRIC = "SlotUtilisation"
"""In percent, and its mean over all streamers that of the install: each writes as often as the others."""

_MINUTE = Duration.minutes(1)
_TARGET_PERCENT, _FULL_PERCENT, _EMPTY_PERCENT, _CPU_PERCENT = 60, 80, 30, 65
_EMPTY_MINUTES = 15


class Scaling(Construct):
    """Adds streamers within a minute or two, and takes one away when calls have been few for a quarter of an hour.

    A missing figure moves nothing. A streamer that goes drains as in a deployment: its calls go on to their end.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Configuration, service: ecs.FargateService
    ) -> None:
        super().__init__(scope, id_)
        self._slot_utilisation = streamer_figure(config, METRIC, "Average")
        self._count = autoscaling.ScalableTarget(
            self,
            "Count",
            service_namespace=autoscaling.ServiceNamespace.ECS,
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{service.cluster.cluster_name}/{service.service_name}",
            min_capacity=config.streamer_min,
            max_capacity=config.streamer_max,
            role=iam.Role.from_role_arn(self, "Role", _role(self)),
        )
        self._track()
        full = self._alarm("Full", _FULL_PERCENT, minutes=1, is_above=True)
        full.add_alarm_action(self._step("Add", 1, cooldown=_MINUTE))
        empty = self._alarm("Empty", _EMPTY_PERCENT, minutes=_EMPTY_MINUTES, is_above=False)
        empty.add_alarm_action(self._step("Remove", -1, cooldown=Duration.minutes(_EMPTY_MINUTES)))

    def _track(self) -> None:
        self._count.scale_to_track_metric(
            "Slots",
            custom_metric=self._slot_utilisation,
            target_value=_TARGET_PERCENT,
            disable_scale_in=True,
            scale_out_cooldown=_MINUTE,
        )
        self._count.scale_to_track_metric(
            "Cpu",
            predefined_metric=autoscaling.PredefinedMetric.ECS_SERVICE_AVERAGE_CPU_UTILIZATION,
            target_value=_CPU_PERCENT,
            disable_scale_in=True,
            scale_out_cooldown=_MINUTE,
        )

    def _alarm(self, id_: str, percent: int, *, minutes: int, is_above: bool) -> cloudwatch.Alarm:
        comparison = cloudwatch.ComparisonOperator
        return self._slot_utilisation.create_alarm(
            self,
            id_,
            alarm_description="Scales the streamers; nobody has to do anything.",
            threshold=percent,
            comparison_operator=(
                comparison.GREATER_THAN_OR_EQUAL_TO_THRESHOLD if is_above else comparison.LESS_THAN_THRESHOLD
            ),
            evaluation_periods=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _step(self, id_: str, change: int, *, cooldown: Duration) -> cloudwatch.IAlarmAction:
        step = autoscaling.StepScalingAction(
            self,
            id_,
            scaling_target=self._count,
            adjustment_type=autoscaling.AdjustmentType.CHANGE_IN_CAPACITY,
            cooldown=cooldown,
        )
        bound = {"lower_bound": 0} if change > 0 else {"upper_bound": 0}
        step.add_adjustment(adjustment=change, **bound)
        return actions.ApplicationScalingAction(step)


def _role(scope: Construct) -> str:
    """Return the role that AWS itself makes when a service is scaled for the first time."""
    return Stack.of(scope).format_arn(
        service="iam",
        region="",
        resource="role/aws-service-role/ecs.application-autoscaling.amazonaws.com",
        resource_name="AWSServiceRoleForApplicationAutoScaling_ECSService",
    )
