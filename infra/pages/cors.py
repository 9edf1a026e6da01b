"""Which pages a browser lets read the bucket of recordings, and send files of contacts to it: those of the install."""

import json

from aws_cdk import aws_s3 as s3

from infra.bundles.bundle import PROJECT
from infra.config import Configuration

_RULE = PROJECT / "web" / "cors.json"
# CloudFront's own name of the install is known once the bucket is there. Nobody can do more by coming from there: who has
# a link needs no page.
_ANY_INSTALL = "https://*.cloudfront.net"


def cors_rule(config: Configuration) -> s3.CorsRule:
    """Return the rule of `web/cors.json` for the address of the install."""
    rule = json.loads(_RULE.read_text(encoding="utf-8"))
    return s3.CorsRule(
        allowed_origins=[f"https://{config.domain}" if config.domain else _ANY_INSTALL],
        allowed_methods=[s3.HttpMethods[method] for method in rule["AllowedMethods"]],
        allowed_headers=rule["AllowedHeaders"],
        exposed_headers=rule["ExposeHeaders"],
        max_age=rule["MaxAgeSeconds"],
    )
