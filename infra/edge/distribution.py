"""CloudFront in front of the HTTP API and, for sockets, of the streamer's load balancer; the pages lie behind it too."""

from pathlib import Path

from aws_cdk import Aws, Duration, Fn, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import Configuration
from infra.edge.domain import point
from infra.edge.lock import Lock
from infra.edge.worldwide import Worldwide
from infra.findings import acknowledge
from infra.network import PUBLIC_ALB, Network
from infra.pages.pages import FRONT_PAGE, Pages

SOCKET_PATHS = ("/api/v1/telephony/ws/*", "/api/v1/agent-stream/*", "/api/v1/streaming/*")
"""What goes to the streamer; all else is REST, but for the pages."""

TRUSTED_PROXIES = 2
"""CloudFront adds to X-Forwarded-For where its request came from, and the load balancer then adds CloudFront."""

_NEVER_CACHED = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)
# The HTTP API gives up after 30 s, and its answer says more than CloudFront's own.
_REST_LIMIT = Duration.seconds(40)
# The longest that CloudFront offers: who asks again is spared a new connection.
_KEPT_OPEN = Duration.seconds(60)


class Edge(Construct):
    """The one hostname of the install; `base_url` is where carriers and clients reach it.

    Errors are not cached, since the key that asked is no part of what CloudFront tells one request from another by.
    Nothing is logged, since paths hold tokens and queries hold keys.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Configuration,
        http_api: apigateway.IHttpApi,
        network: Network,
        media: s3.IBucket,
    ) -> None:
        super().__init__(scope, id_)
        worldwide = Worldwide(self, "Worldwide", config=config)
        self.lock = Lock(self, "Lock", config=config) if config.edge == PUBLIC_ALB else None
        sockets = self._sockets(network)
        pages = Pages(self, "Pages", config=config, install=_install(self), media=media)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Offhook",
            default_root_object=FRONT_PAGE,
            default_behavior=_rest(http_api),
            additional_behaviors={**dict.fromkeys(SOCKET_PATHS, sockets), **pages.behaviours()},
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=Duration.seconds(0))
                for status in _NEVER_CACHED
            ],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            domain_names=[config.domain] if config.domain else None,
            certificate=worldwide.certificate,
            minimum_protocol_version=(
                cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if config.domain else None
            ),
            web_acl_id=worldwide.firewall.acl.attr_arn if worldwide.firewall else None,
        )
        pages.publish_for(self.distribution)
        if config.domain:
            point(self, config, self.distribution)
        self.base_url = f"https://{config.domain or self.distribution.distribution_domain_name}"
        _acknowledge(self.distribution, config)

    def _sockets(self, network: Network) -> cloudfront.BehaviorOptions:
        move_secrets = cloudfront.Function(
            self,
            "MoveSecrets",
            function_name=f"MoveSecrets-{_install(self)}",
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            code=cloudfront.FunctionCode.from_file(
                file_path=str(Path(__file__).with_name("move_secrets.js"))
            ),
        )
        return cloudfront.BehaviorOptions(
            origin=_public_origin(network, self.lock) if self.lock else self._vpc_origin(network),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # All headers: of a socket's handshake the origin needs those of the viewer.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=move_secrets, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                )
            ],
        )

    def _vpc_origin(self, network: Network) -> cloudfront.IOrigin:
        # Nothing is set of its HTTP version and of how long an answer may take: either would end sockets.
        origin = cloudfront.VpcOrigin(
            self,
            "VpcOrigin",
            endpoint=cloudfront.VpcOriginEndpoint.application_load_balancer(network.load_balancer),
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
            vpc_origin_name=f"Offhook-{_install(self)}",
        )
        # CloudFront takes no network that has no way to the internet, though it doesn't go that way.
        origin.node.add_dependency(network.way_out)
        return origins.VpcOrigin.with_vpc_origin(origin)


def _install(scope: Construct) -> str:
    """Return what no other install of the account has: CloudFront wants names, and has one place for all regions."""
    return Fn.select(2, Fn.split("/", Stack.of(scope).stack_id))


def _public_origin(network: Network, lock: Lock) -> cloudfront.IOrigin:
    # The certificate is that of the install's own name, which stands in the Host header that is passed on.
    return origins.LoadBalancerV2Origin(
        network.load_balancer,
        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        custom_headers=lock.headers,
    )


def _rest(http_api: apigateway.IHttpApi) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origins.HttpOrigin(
            f"{http_api.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            read_timeout=_REST_LIMIT,
            keepalive_timeout=_KEPT_OPEN,
        ),
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        # The API is found by its own host name.
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    )


def _acknowledge(distribution: cloudfront.Distribution, config: Configuration) -> None:
    acknowledge(
        distribution, "AwsSolutions-CFR1", "Carriers call from wherever they are; keys say who may come in."
    )
    acknowledge(
        distribution,
        "AwsSolutions-CFR3",
        "An access log holds paths and queries, in which stand tokens and keys.",
    )
    if not config.waf:
        acknowledge(
            distribution, "AwsSolutions-CFR2", "-c waf=true adds one; it costs more than the idle edge does."
        )
    if not config.domain:
        acknowledge(
            distribution,
            "AwsSolutions-CFR4",
            "The certificate of cloudfront.net fixes the oldest TLS; -c domain=… brings TLS 1.2 as the least.",
        )
