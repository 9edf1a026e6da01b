"""What keeps everybody but our own edge out of a load balancer that the internet can reach."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import Configuration
from infra.edge.domain import certificate
from infra.findings import acknowledge

HEADER = "x-offhook-edge"
# A listener compares 128 characters at most, and takes * and ? for more than themselves.
_CHARACTERS = 64


class Lock(Construct):
    """A secret that the edge sends and the listener asks for, and the certificate for the way between them.

    The template holds references to the secret, which CloudFormation resolves.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(scope, id_)
        self.certificate: acm.ICertificate = certificate(self, config)
        self._secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Sent by the edge to the load balancer, which answers nobody without it.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=_CHARACTERS, exclude_punctuation=True
            ),
        )
        acknowledge(
            self._secret,
            "AwsSolutions-SMG4",
            "Rotating it would need the edge and the listener to change in one moment; a deployment changes both.",
        )

    @property
    def headers(self) -> dict[str, str]:
        """What the edge adds to each request; it replaces what a client may have sent by that name."""
        return {HEADER: self._value}

    @property
    def condition(self) -> elb.ListenerCondition:
        """What a request must fulfil."""
        return elb.ListenerCondition.http_header(HEADER, [self._value])

    @property
    def _value(self) -> str:
        return self._secret.secret_value.unsafe_unwrap()
