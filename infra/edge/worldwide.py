"""What CloudFront takes from us-east-1 alone, wherever the rest of the install is: its certificate and its firewall."""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from infra.config import Configuration
from infra.edge.domain import certificate
from infra.edge.firewall import Firewall

REGION = "us-east-1"


class Worldwide(Construct):
    """Lies in the install's stack, or where that goes to another region in a small one of its own.

    `certificate` and `firewall` are None where the options ask for neither.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(scope, id_)
        self.certificate: acm.ICertificate | None = None
        self.firewall: Firewall | None = None
        if not (config.domain or config.waf):
            return
        home = self if config.region in ("", REGION) else self._stack(config)
        if config.domain:
            self.certificate = certificate(home, config)
        if config.waf:
            self.firewall = Firewall(home, "Firewall")

    def _stack(self, config: Configuration) -> Stack:
        stack = Stack(
            App.of(self),
            "OffhookEdge",
            stack_name=f"{config.stack_name}-edge",
            description="Offhook: what its edge needs in us-east-1.",
            env=Environment(region=REGION),
        )
        Stack.of(self).add_stack_dependency(stack)
        return stack
