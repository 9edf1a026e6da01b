"""A template's references as what they could be once everything is there."""

import re
from collections.abc import Mapping
from typing import Any

from tests.support.stack import Template

ACCOUNT = "123456789012"
REGION = "us-east-1"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Offhook/0",
    "AWS::StackName": "Offhook",
    "AWS::URLSuffix": "amazonaws.com",
}


class Literals:
    """Replaces what refers to something; a function of CloudFormation that it does not know is an error."""

    def __init__(self, template: Template) -> None:
        self._types = {id_: resource["Type"] for id_, resource in template.document["Resources"].items()}
        self._parameters = template.document.get("Parameters", {})

    def of(self, value: Any) -> Any:
        """Return the value without any reference."""
        if isinstance(value, list):
            return [self.of(entry) for entry in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._replaced(name, argument)
        return {name: self.of(entry) for name, entry in value.items()}

    def name(self, logical_id: str) -> str:
        """Return a name as CloudFormation makes it up."""
        return f"Offhook-{logical_id}"[:51] + "-1A2B3C4D5E6F"

    def _replaced(self, function: str, argument: Any) -> Any:
        if function == "Ref":
            return self._reference(argument)
        if function == "Fn::GetAtt":
            return self._attribute(*argument)
        if function == "Fn::Join":
            separator, parts = argument
            return separator.join(map(str, self.of(parts)))
        if function == "Fn::Select":
            index, values = argument
            return self.of(values)[int(index)]
        if function == "Fn::Split":
            separator, text = argument
            return self.of(text).split(separator)
        if function == "Fn::GetStackOutput":
            return f"arn:aws:service:{argument['Region']}:{ACCOUNT}:{argument['OutputName']}"
        if function == "Fn::Sub":
            return re.sub(r"\$\{([A-Za-z:]+)\}", lambda found: str(self._reference(found[1])), argument)
        if function == "Fn::GetAZs":
            return [f"{REGION}{letter}" for letter in "abc"]
        raise AssertionError(f"{function} has no literal here yet")

    def _reference(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name].get("Default", "x")
        if self._types[name].startswith(("AWS::SecretsManager::", "AWS::ElasticLoadBalancingV2::")):
            return self._arn(name)
        if self._types[name] == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.name(name)}"
        return self.name(name)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        return self._arn(logical_id) if attribute.endswith("Arn") else f"{self.name(logical_id)}.{attribute}"

    def _arn(self, logical_id: str) -> str:
        _, service, kind = self._types[logical_id].split("::")
        place = "" if service in ("IAM", "S3") else REGION
        account = "" if service == "S3" else ACCOUNT
        # Of a listener the metrics of its load balancer take the name apart.
        name = (
            f"app/{self.name(logical_id)}/50dc6c495c0c9188/f2f7dc8efc522ab2"
            if kind == "Listener"
            else self.name(logical_id)
        )
        return f"arn:aws:{service.lower()}:{place}:{account}:{kind.lower()}/{name}"
