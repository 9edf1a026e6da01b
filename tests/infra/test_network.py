"""Where the streamer's tasks and their load balancer stand, and who can reach them."""

from typing import Any

from streamer.sockets.media_socket import PING_INTERVAL_S
from tests.support.stack import Template


def attributes(template: Template) -> dict[str, str]:
    balancer = template.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    return {each["Key"]: each["Value"] for each in balancer["LoadBalancerAttributes"]}


def subnets_with_a_way_out(template: Template) -> set[str]:
    """Return the logical ids of subnets whose route table leads to the internet."""
    tables = {route["RouteTableId"]["Ref"] for route in template.properties("AWS::EC2::Route")}
    return {
        association["SubnetId"]["Ref"]
        for association in template.properties("AWS::EC2::SubnetRouteTableAssociation")
        if association["RouteTableId"]["Ref"] in tables
    }


def refs(values: list[dict[str, str]]) -> set[str]:
    return {value["Ref"] for value in values}


def test_tasks_are_public_and_the_load_balancer_is_not_and_no_gateway_is_paid_for(template: Template) -> None:
    balancer = template.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    network = template.only("AWS::ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    public = subnets_with_a_way_out(template)
    assert balancer["Scheme"] == "internal"
    assert len(balancer["Subnets"]) == len(network["Subnets"]) == 2
    assert refs(network["Subnets"]) == public
    assert not refs(balancer["Subnets"]) & public
    assert network["AssignPublicIp"] == "ENABLED"
    assert not list(template.resources("AWS::EC2::NatGateway"))


def test_storage_is_reached_past_the_internet(template: Template) -> None:
    endpoints = template.properties("AWS::EC2::VPCEndpoint")
    services = {endpoint["ServiceName"]["Fn::Join"][1][-1] for endpoint in endpoints}
    assert services == {".s3", ".dynamodb"}
    assert {endpoint["VpcEndpointType"] for endpoint in endpoints} == {"Gateway"}


def test_a_task_is_reached_from_the_load_balancer_and_from_other_tasks_alone(template: Template) -> None:
    (task_group,) = template.only("AWS::ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"][
        "SecurityGroups"
    ]
    (balancer_group,) = template.only("AWS::ElasticLoadBalancingV2::LoadBalancer")["SecurityGroups"]
    rules = template.properties("AWS::EC2::SecurityGroupIngress")
    sources = [rule["SourceSecurityGroupId"] for rule in rules]
    assert sorted(sources, key=str) == sorted([balancer_group, task_group], key=str)
    for rule in rules:
        assert (rule["GroupId"], rule["FromPort"], rule["ToPort"]) == (task_group, 8080, 8080)
    inline = {
        logical_id: resource["Properties"].get("SecurityGroupIngress", [])
        for logical_id, resource in template.resources("AWS::EC2::SecurityGroup")
    }
    assert inline.pop(task_group["Fn::GetAtt"][0]) == []
    ((rule,),) = inline.values()
    assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == (
        template.only("AWS::EC2::VPC")["CidrBlock"],
        80,
        80,
    )


def test_a_quiet_socket_outlives_several_pings(template: Template) -> None:
    assert int(attributes(template)["idle_timeout.timeout_seconds"]) >= 3 * PING_INTERVAL_S


def test_the_load_balancer_writes_no_log(template: Template) -> None:
    assert not [key for key in attributes(template) if "logs" in key]


def test_zones_can_be_chosen(templates: dict[str, Template]) -> None:
    subnets = templates["elsewhere"].properties("AWS::EC2::Subnet")
    zones: list[Any] = [subnet["AvailabilityZone"] for subnet in subnets]
    assert sorted(zones) == ["eu-central-1a", "eu-central-1a", "eu-central-1c", "eu-central-1c"]
