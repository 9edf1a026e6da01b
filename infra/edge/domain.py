"""A name of one's own for the install, and the certificates that prove it."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.config import Configuration


def certificate(scope: Construct, config: Configuration) -> acm.Certificate:
    """Return a certificate in the region of the scope's stack, proved by a record in the zone; that takes minutes."""
    validation = acm.CertificateValidation.from_dns(_zone(scope, config))
    return acm.Certificate(scope, "Certificate", domain_name=config.domain, validation=validation)


def point(scope: Construct, config: Configuration, distribution: cloudfront.IDistribution) -> None:
    """Have the name lead to the distribution, by both versions of IP."""
    zone, name = _zone(scope, config), f"{config.domain}."
    target = route53.RecordTarget.from_alias(targets.CloudFrontTarget(distribution))
    route53.ARecord(scope, "Ipv4", zone=zone, record_name=name, target=target)
    route53.AaaaRecord(scope, "Ipv6", zone=zone, record_name=name, target=target)


def _zone(scope: Construct, config: Configuration) -> route53.IHostedZone:
    return route53.HostedZone.from_hosted_zone_attributes(
        scope, "Zone", hosted_zone_id=config.zone_id, zone_name=config.zone_name
    )
