"""The alarms: each says what is wrong and what to do."""

from collections.abc import Mapping

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from infra.config import Configuration
from infra.data import Data
from infra.queues import Queues, WorkQueue
from infra.watching import metrics
from infra.watching.metrics import FIVE_MINUTES, MINUTE
from infra.watching.topic import alarm_topic

HANDBOOK = "docs/operations.md#alarms"

_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
_BREACHING = cloudwatch.TreatMissingData.BREACHING

# One is an accident, as when a function was just being replaced.
_FAILURES = 3
_FULL_PERCENT = 90
_LATE_S, _STILL_PERIODS = 300, 3
_DIAL_WAIT_S, _AFTERCALL_WAIT_S, _CAMPAIGN_WAIT_S = 300, 900, 300


class Alarms(Construct):
    """All alarms of the stack, told to one topic when they go off and when they are over."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Configuration,
        data: Data,
        queues: Queues,
        functions: Mapping[str, lambda_.Function],
        api: apigateway.HttpApi,
        streamers: elb.ApplicationTargetGroup,
    ) -> None:
        super().__init__(scope, id_)
        self.topic = alarm_topic(self, config.alarm_email)
        self.all: list[cloudwatch.Alarm] = []
        self._watch_functions(functions)
        self._watch_requests(api)
        self._watch_queue("Dials", queues.dials, _DIAL_WAIT_S, "the dialer")
        self._watch_queue("Aftercalls", queues.aftercalls, _AFTERCALL_WAIT_S, "the aftercall function")
        self._watch_queue("Campaigns", queues.campaigns, _CAMPAIGN_WAIT_S, "the feeder")
        self._watch_campaigns(config)
        self._watch_streamers(streamers, config)
        self._watch_speech()
        self._watch_tables(data)

    def _watch_functions(self, functions: Mapping[str, lambda_.Function]) -> None:
        for room, function in functions.items():
            self._alarm(
                f"{room.title().replace('_', '')}Fails",
                metrics.failures(room, function),
                at_least=_FAILURES,
                says=f"The function {room} crashed, ran out of time or found no concurrency, three times in five minutes. "
                f"Read its log for `ERROR` and `Task timed out`; where there is neither, ask AWS for more concurrency.",
            )
        self._alarm(
            "ReaperSilent",
            functions["reaper"].metric_invocations(period=FIVE_MINUTES, statistic="Sum"),
            below=1,
            missing=_BREACHING,
            says="The reaper has not run for five minutes: calls that lost their streamer are not saved, callbacks not "
            "repeated. See that the rule that calls it every minute is enabled, and that it is not throttled.",
        )

    def _watch_requests(self, api: apigateway.HttpApi) -> None:
        self._alarm(
            "RequestsFail",
            metrics.server_errors(api),
            at_least=_FAILURES,
            says="Requests were answered with a 5xx, three in five minutes. The API's log tells which routes, "
            "the function's log why.",
        )

    def _watch_queue(self, name: str, work: WorkQueue, wait_s: int, who: str) -> None:
        self._alarm(
            f"{name}GivenUp",
            work.dead_letters.metric_approximate_number_of_messages_visible(
                period=MINUTE, statistic="Maximum"
            ),
            at_least=1,
            says=f"A message failed each time that {who} took it, and lies among the dead letters. The run or campaign "
            "that it names finds the reason in the log; send it back (redrive) when that is mended.",
        )
        self._alarm(
            f"{name}Wait",
            work.queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic="Maximum"),
            at_least=wait_s,
            minutes=3,
            says=f"Messages wait for {who} for more than {wait_s // 60} minutes. See that it is not throttled or failing, "
            "and that its event source is enabled.",
        )

    def _watch_campaigns(self, config: Configuration) -> None:
        self._alarm(
            "FeederSilent",
            metrics.wake_lateness(config),
            at_least=_LATE_S,
            missing=_BREACHING,
            says=f"What is due has waited for the feeder for {_LATE_S // 60} minutes, or it is not called: scheduled calls "
            "are late, and campaigns come to a stop. See that the rule that calls it every minute is enabled, then read its log.",
        )
        self._alarm(
            "CampaignsStandStill",
            metrics.standing_campaigns(config),
            at_least=1,
            minutes=_STILL_PERIODS,
            says="For a quarter of an hour a campaign could have called somebody and has begun no call, or feeding it has "
            "failed. The feeder's log names it: `campaign stands still`, or `message failed` with the place of the fault.",
        )

    def _watch_streamers(self, streamers: elb.ApplicationTargetGroup, config: Configuration) -> None:
        self._alarm(
            "StreamersUnhealthy",
            streamers.metrics.unhealthy_host_count(period=MINUTE, statistic="Maximum"),
            at_least=1,
            minutes=5,
            says="A streamer does not answer its health check for five minutes, and is being replaced. Its log says why.",
        )
        self._alarm(
            "StreamersMissing",
            streamers.metrics.healthy_host_count(period=MINUTE, statistic="Minimum"),
            below=config.streamer_min,
            minutes=10,
            missing=_BREACHING,
            says=f"Fewer streamers than {config.streamer_min} have been healthy for ten minutes: calls are refused. The events of the "
            "service tell why tasks stop, their log why the streamer does.",
        )
        self._alarm(
            "StreamersFull",
            metrics.streamer_figure(config, "SlotUtilisation", "Average"),
            at_least=_FULL_PERCENT,
            minutes=5,
            says=f"More than {_FULL_PERCENT} % of all slots have been taken for five minutes: new calls may soon be "
            "refused. Raise streamer_max where that many streamers run already.",
        )

    def _watch_speech(self) -> None:
        self._alarm(
            "TranscribeRefuses",
            metrics.refused_streams("LimitExceededCount"),
            at_least=1,
            says="Transcribe refused streams: the account's quota of concurrent streams (25 at first) is used up, and callers "
            "are heard by the second engine or by their keys. Have it raised in Service Quotas.",
        )
        self._alarm(
            "TranscribeThrottles",
            metrics.refused_streams("ThrottledCount"),
            at_least=_FAILURES,
            says="Transcribe put streams off: more were begun in a second than the account may. Calls begin without their "
            "first words being heard; have the rate of StartStreamTranscription raised in Service Quotas.",
        )
        self._alarm(
            "PollyRefuses",
            metrics.refused_speech(),
            at_least=_FAILURES,
            says="Polly refused texts: more than the account's quota a second, or voices that the region lacks. The "
            "streamer's log tells which; raise the quota and polly_quotas together.",
        )

    def _watch_tables(self, data: Data) -> None:
        tables = {"Config": data.config_table, "Runs": data.runs_table, "Events": data.events_table}
        for name, table in tables.items():
            self._alarm(
                f"{name}TableThrottles",
                metrics.table_throttles(table, f"{name.lower()} table"),
                at_least=_FAILURES,
                says=f"DynamoDB put requests to the {name.lower()} table off. That passes as the table grows by itself; if it "
                "comes again, one organization's calls may be the reason: see its rate in the log of the trigger function.",
            )

    def _alarm(
        self,
        id_: str,
        metric: cloudwatch.IMetric,
        *,
        says: str,
        at_least: float | None = None,
        below: float | None = None,
        minutes: int = 1,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> None:
        """Make an alarm that goes off when each of the last periods was `at_least`, or `below`, a figure."""
        alarm = cloudwatch.Alarm(
            self,
            id_,
            metric=metric,
            threshold=at_least if at_least is not None else below or 0,
            comparison_operator=_ABOVE if at_least is not None else _BELOW,
            evaluation_periods=minutes,
            treat_missing_data=missing,
            alarm_description=f"{says} More: {HANDBOOK}.",
        )
        action = SnsAction(self.topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        self.all.append(alarm)
