"""The HTTP API: how requests come to functions, and how many at most."""

import json

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.config import Configuration
from infra.findings import acknowledge
from infra.logs import log_group

# Of all clients together: what a runaway one can cost. An organization's own limits stand in its ledger.
_REQUESTS_PER_SECOND, _BURST = 100, 200

# No path, no query and no address: paths hold tokens. A route's key is its pattern.
_LOGGED = {
    "requestId": "$context.requestId",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
}

ROUTES = {
    "/api/v1/public/agent": "trigger",
    "/api/v1/runs": "runs",
    "/api/v1/workflow": "runs",
    "/api/v1/agents": "agents",
    "/api/v1/user": "api_keys",
    "/api/v1/telephony": "telephony",
    "/api/v1/telephony-configurations": "telephony",
    "/api/v1/organization": "organization",
    "/api/v1/tools": "organization",
    "/api/v1/credentials": "organization",
    "/api/v1/knowledge-documents": "organization",
    "/api/v1/streaming-workflows": "sessions",
    "/api/v1/streaming-sessions": "sessions",
    "/api/v1/campaigns": "campaigns",
    "/api/v1/campaigns/{campaign_id}/runs": "runs",
    "/api/v1/analytics": "analytics",
}
"""What each function answers, with all that lies below; the function itself says what there is not."""

ELSEWHERE = "docs"
"""Answers all else: the document, and addresses that lead nowhere, with a problem."""


class FrontDoor(Construct):
    """An HTTP API without functions, whose address others need before there are any; `lead_to` adds them."""

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(scope, id_)
        self.api = apigateway.HttpApi(
            self, "Api", create_default_stage=False, description="The REST API of Offhook."
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=_REQUESTS_PER_SECOND, burst_limit=_BURST),
        )
        resource = stage.node.default_child
        assert isinstance(resource, apigateway.CfnStage)  # noqa: S101 - by definition
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group(self, "Log", config).log_group_arn, format=json.dumps(_LOGGED)
        )

    def lead_to(self, room: str, function: lambda_.IFunction) -> None:
        """Send a function the requests that are its own."""
        # One permission for all its routes.
        integration = HttpLambdaIntegration(f"{room}-requests", function, scope_permission_to_route=False)
        prefixes = [prefix for prefix, name in ROUTES.items() if name == room]
        for path in (each for prefix in prefixes for each in (prefix, f"{prefix}/{{proxy+}}")):
            _acknowledge(*self.api.add_routes(path=path, integration=integration))
        if room == ELSEWHERE:
            key = apigateway.HttpRouteKey.DEFAULT
            _acknowledge(
                apigateway.HttpRoute(
                    self, "Elsewhere", http_api=self.api, route_key=key, integration=integration
                )
            )


def _acknowledge(*routes: apigateway.HttpRoute) -> None:
    for route in routes:
        acknowledge(
            route, "AwsSolutions-APIG4", "Functions check the key themselves, as the streamer must too."
        )
