"""How sockets come from the load balancer to the tasks."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb

from infra.edge.lock import Lock
from infra.findings import acknowledge
from infra.network import Network


def listen(
    network: Network, targets: elb.ApplicationTargetGroup, lock: Lock | None
) -> elb.ApplicationListener:
    """Listen inside the network, or where there is a lock for whoever has its key."""
    if lock:
        return _locked(network, targets, lock)
    return network.load_balancer.add_listener(
        "Sockets", port=80, protocol=elb.ApplicationProtocol.HTTP, open=False, default_target_groups=[targets]
    )


def _locked(network: Network, targets: elb.ApplicationTargetGroup, lock: Lock) -> elb.ApplicationListener:
    listener = network.load_balancer.add_listener(
        "Sockets",
        port=443,
        protocol=elb.ApplicationProtocol.HTTPS,
        certificates=[lock.certificate],
        ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
        open=False,
        default_action=elb.ListenerAction.fixed_response(
            403, content_type="text/plain", message_body="Use the address of the install."
        ),
    )
    listener.add_action(
        "Edge", priority=1, conditions=[lock.condition], action=elb.ListenerAction.forward([targets])
    )
    network.load_balancer_group.add_ingress_rule(
        ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "CloudFront, whose addresses change; the lock knows ours."
    )
    acknowledge(
        network.load_balancer_group,
        "AwsSolutions-EC23",
        "CloudFront has no fixed addresses that a template could name; the listener refuses who lacks the edge's secret.",
    )
    return listener
