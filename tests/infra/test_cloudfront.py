"""CloudFront as the stack sets it up: what goes where, and what is kept of it, which is nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.config import Configuration
from infra.variants import VARIANTS
from offhook.errors import InvalidInputError
from streamer.sockets.unproved import forwarded_network
from tests.support.stack import Template

# Policies that AWS itself keeps, by their ids.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

ZONE = VARIANTS["everything"]["zone_id"]


def distribution(template: Template) -> dict[str, Any]:
    config: dict[str, Any] = template.only("AWS::CloudFront::Distribution")["DistributionConfig"]
    return config


def origin_of(template: Template, behaviour: dict[str, Any]) -> dict[str, Any]:
    (origin,) = [
        origin for origin in distribution(template)["Origins"] if origin["Id"] == behaviour["TargetOriginId"]
    ]
    assert isinstance(origin, dict)
    return origin


def sockets(template: Template) -> list[dict[str, Any]]:
    behaviours = distribution(template)["CacheBehaviors"]
    return [behaviour for behaviour in behaviours if behaviour["PathPattern"].startswith("/api/")]


def test_everything_but_sockets_and_pages_goes_to_the_http_api(template: Template) -> None:
    default = distribution(template)["DefaultCacheBehavior"]
    (api, _) = next(template.resources("AWS::ApiGatewayV2::Api"))
    origin = origin_of(template, default)
    assert origin["DomainName"]["Fn::Join"][1][0] == {"Ref": api}
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert (default["CachePolicyId"], default["OriginRequestPolicyId"]) == (
        CACHING_DISABLED,
        ALL_VIEWER_EXCEPT_HOST,
    )
    assert {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"} == set(default["AllowedMethods"])


def test_sockets_go_into_the_network_with_all_headers_and_without_their_secrets(template: Template) -> None:
    assert [each["PathPattern"] for each in sockets(template)] == [
        "/api/v1/telephony/ws/*",
        "/api/v1/agent-stream/*",
        "/api/v1/streaming/*",
    ]
    (function, _) = next(template.resources("AWS::CloudFront::Function"))
    for behaviour in sockets(template):
        assert behaviour["CachePolicyId"] == CACHING_DISABLED
        assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER
        (association,) = behaviour["FunctionAssociations"]
        assert association["EventType"] == "viewer-request"
        assert association["FunctionARN"]["Fn::GetAtt"][0] == function
        assert "VpcOriginConfig" in origin_of(template, behaviour)


def test_the_origin_inside_the_network_is_left_as_sockets_need_it(template: Template) -> None:
    origin = template.only("AWS::CloudFront::VpcOrigin")["VpcOriginEndpointConfig"]
    (balancer, _) = next(template.resources("AWS::ElasticLoadBalancingV2::LoadBalancer"))
    assert origin["Arn"] == {"Ref": balancer}
    assert origin["OriginProtocolPolicy"] == "http-only"
    written = json.dumps([origin, distribution(template)["Origins"]])
    assert "OriginHttpVersion" not in written
    assert "ResponseCompletionTimeout" not in written


def test_the_origin_inside_the_network_waits_for_the_networks_way_out(template: Template) -> None:
    routes = dict(template.resources("AWS::EC2::Route"))
    (attachment, _) = next(template.resources("AWS::EC2::VPCGatewayAttachment"))
    (origin,) = [resource for _, resource in template.resources("AWS::CloudFront::VpcOrigin")]
    assert routes.keys() <= set(origin["DependsOn"])
    assert all(attachment in route["DependsOn"] for route in routes.values())


def test_no_error_is_cached(template: Template) -> None:
    kept = {
        error["ErrorCode"]: error["ErrorCachingMinTTL"]
        for error in distribution(template)["CustomErrorResponses"]
    }
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 500, 501, 502, 503, 504), 0)


def test_no_log_holds_a_path_or_a_query(template: Template) -> None:
    assert "Logging" not in distribution(template)
    assert not list(template.resources("AWS::Logs::DeliverySource"))
    assert not list(template.resources("AWS::CloudFront::RealtimeLogConfig"))


def test_only_what_is_encrypted_comes_in(template: Template) -> None:
    behaviours = [distribution(template)["DefaultCacheBehavior"], *sockets(template)]
    assert {behaviour["ViewerProtocolPolicy"] for behaviour in behaviours} == {"https-only"}


def test_the_streamer_knows_a_peer_by_where_cloudfront_saw_it(template: Template) -> None:
    (container,) = template.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    told = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert told["OFFHOOK_TRUSTED_PROXIES"] == "2"
    # What a peer made up, what CloudFront adds to it, and what the load balancer adds: an interface of CloudFront's.
    forwarded = "203.0.113.9, 198.51.100.7, 10.0.32.5"
    assert forwarded_network(forwarded, 2) == "198.51.100.7"
    attributes = template.only("AWS::ElasticLoadBalancingV2::LoadBalancer")["LoadBalancerAttributes"]
    assert {"Key": "routing.http.xff_header_processing.mode", "Value": "append"} in attributes


@pytest.fixture
def named(templates: dict[str, Template]) -> Template:
    """A stack in us-east-1 with a name of its own and a firewall."""
    return templates["everything"]


@pytest.fixture
def elsewhere(templates: dict[str, Template], assembly: Path) -> Path:
    """A folder with the stack in another region, its load balancer public, and what that needs of us-east-1."""
    assert "elsewhere" in templates
    return assembly / "elsewhere"


def read(folder: Path, stack: str) -> Template:
    return Template(json.loads((folder / f"{stack}.template.json").read_text()))


def test_a_name_of_ones_own_is_proved_found_and_spoken_to_in_tls_1_2(named: Template) -> None:
    config = distribution(named)
    certificates = dict(named.resources("AWS::CertificateManager::Certificate"))
    assert config["Aliases"] == ["voice.example.com"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["ViewerCertificate"]["AcmCertificateArn"]["Ref"] in certificates
    for certificate in named.properties("AWS::CertificateManager::Certificate"):
        assert certificate["DomainName"] == "voice.example.com"
        assert certificate["DomainValidationOptions"][0]["HostedZoneId"] == ZONE
    records = named.properties("AWS::Route53::RecordSet")
    assert {(record["Name"], record["Type"]) for record in records} == {
        ("voice.example.com.", "A"),
        ("voice.example.com.", "AAAA"),
    }
    (container,) = named.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    told = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert told["OFFHOOK_PUBLIC_BASE_URL"] == "https://voice.example.com"


def test_a_firewall_keeps_no_samples_of_what_it_sees(named: Template) -> None:
    (acl_id, acl) = next(named.resources("AWS::WAFv2::WebACL"))
    assert distribution(named)["WebACLId"] == {"Fn::GetAtt": [acl_id, "Arn"]}
    assert acl["Properties"]["Scope"] == "CLOUDFRONT"
    rules = [acl["Properties"], *acl["Properties"]["Rules"]]
    assert [rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in rules] == [False] * len(rules)


def test_a_public_load_balancer_lets_nobody_in_who_lacks_the_edges_secret(elsewhere: Path) -> None:
    named = read(elsewhere, "Offhook")
    listener = named.only("AWS::ElasticLoadBalancingV2::Listener")
    assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
    (refusal,) = listener["DefaultActions"]
    assert refusal["FixedResponseConfig"]["StatusCode"] == "403"
    rule = named.only("AWS::ElasticLoadBalancingV2::ListenerRule")
    (condition,) = rule["Conditions"]
    assert condition["HttpHeaderConfig"]["HttpHeaderName"] == "x-offhook-edge"
    (asked,) = condition["HttpHeaderConfig"]["Values"]
    (origin,) = [origin for origin in distribution(named)["Origins"] if "OriginCustomHeaders" in origin]
    (sent,) = origin["OriginCustomHeaders"]
    assert (sent["HeaderName"], sent["HeaderValue"]) == ("x-offhook-edge", asked)
    assert asked["Fn::Join"][1][0] == "{{resolve:secretsmanager:"
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert all(each["TargetOriginId"] == origin["Id"] for each in sockets(named))
    assert not list(named.resources("AWS::CloudFront::VpcOrigin"))
    assert named.only("AWS::ElasticLoadBalancingV2::LoadBalancer")["Scheme"] == "internet-facing"


def test_who_changes_the_edge_gets_other_targets_since_two_load_balancers_share_none(
    template: Template, elsewhere: Path
) -> None:
    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    (inside, _), (outside, _) = (
        next(each.resources(kind)) for each in (template, read(elsewhere, "Offhook"))
    )
    assert inside != outside


def test_a_public_load_balancer_without_a_domain_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidInputError, match="edge=public-alb needs a domain"):
        Configuration.from_context({"edge": "public-alb"})


def test_elsewhere_certificate_and_firewall_make_a_stack_of_their_own_in_us_east_1(elsewhere: Path) -> None:
    config = distribution(read(elsewhere, "Offhook"))
    beside = read(elsewhere, "OffhookEdge")
    outputs = beside.document["Outputs"]
    (certificate, _) = next(beside.resources("AWS::CertificateManager::Certificate"))
    (firewall, _) = next(beside.resources("AWS::WAFv2::WebACL"))
    used = {
        "certificate": config["ViewerCertificate"]["AcmCertificateArn"]["Fn::GetStackOutput"],
        "firewall": config["WebACLId"]["Fn::GetStackOutput"],
    }
    for told in used.values():
        assert (told["StackName"], told["Region"]) == ("Voice-edge", "us-east-1")
    assert outputs[used["certificate"]["OutputName"]]["Value"] == {"Ref": certificate}
    assert outputs[used["firewall"]["OutputName"]]["Value"] == {"Fn::GetAtt": [firewall, "Arn"]}
    artifacts = json.loads((elsewhere / "manifest.json").read_text())["artifacts"]
    assert artifacts["OffhookEdge"]["environment"] == "aws://unknown-account/us-east-1"
    assert artifacts["Offhook"]["environment"] == "aws://unknown-account/eu-central-1"
    assert "OffhookEdge" in artifacts["Offhook"]["dependencies"]
