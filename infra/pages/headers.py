"""The headers of pages, of `web/headers.json`, as the edge adds them; over HTTPS, browsers are told to stay with that."""

import json
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

_YEAR = Duration.days(365)


def headers_policy(
    scope: Construct, name: str, path: Path, *, media_origin: str
) -> cloudfront.ResponseHeadersPolicy:
    """Return the policy; CloudFront takes these three, and no others, under names of their own."""
    text = path.read_text(encoding="utf-8").replace("{media}", media_origin)
    headers: dict[str, str] = json.loads(text)
    security_policy = headers.pop("Content-Security-Policy")
    referrer_policy = headers.pop("Referrer-Policy").replace("-", "_").upper()
    headers.pop("X-Content-Type-Options")
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Headers",
        response_headers_policy_name=name,
        security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=security_policy, override=True
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy[referrer_policy], override=True
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=_YEAR, override=True
            ),
        ),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
            custom_headers=[
                cloudfront.ResponseCustomHeader(header=header, value=value, override=True)
                for header, value in headers.items()
            ]
        ),
    )
