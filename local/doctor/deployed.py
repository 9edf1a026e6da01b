"""What a deployment is made of: its stack's outputs, and the settings that its functions were given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from local.doctor.looking import UnwellError, looking
from offhook.settings import Settings

_FUNCTION = "AWS::Lambda::Function"
_PREFIX = "OFFHOOK_"
_STEADY = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """An install on AWS: its address, and its settings, of which each function has those that it needs."""

    base_url: str
    settings: Settings


def find_stack(clients: Clients, name: str) -> dict[str, Any]:
    """Return the stack's description; raise UnwellError where there is none."""
    try:
        with looking():
            return dict(clients.of("cloudformation").describe_stacks(StackName=name)["Stacks"][0])
    except UnwellError as error:
        if error.aws_code == "ValidationError":
            raise UnwellError(
                f"there is no stack {name} in {clients.region}: deploy it (make deploy), or name another with --stack or "
                "another region with AWS_DEFAULT_REGION"
            ) from error
        raise


def look_at_stack(stack: dict[str, Any]) -> Iterator[Finding]:
    """Say whether the last deployment has gone well."""
    status = str(stack["StackStatus"])
    if status not in _STEADY:
        yield ill(
            "stack",
            f"{stack['StackName']} is in state {status}: wait while it is IN_PROGRESS; else its events say why (aws "
            f"cloudformation describe-stack-events --stack-name {stack['StackName']}), then deploy again",
        )
    elif status == "UPDATE_ROLLBACK_COMPLETE":
        yield ill(
            "stack", "the last deployment was rolled back, and the one before it runs: its events say why"
        )
    else:
        yield well("stack", f"{stack['StackName']} is {status}")


def read_deployed(clients: Clients, stack: dict[str, Any]) -> Deployed:
    """Gather what the install was given; raise UnwellError where it is not one of ours, or not whole."""
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
    if "BaseUrl" not in outputs:
        raise UnwellError(
            f"{stack['StackName']} tells no BaseUrl: name Offhook's stack with --stack, or deploy again"
        )
    environment: dict[str, str] = {}
    with looking():
        for function in _functions(clients, str(stack["StackName"])):
            configuration = clients.of("lambda").get_function_configuration(FunctionName=function)
            variables = configuration.get("Environment", {}).get("Variables", {})
            environment |= {name: value for name, value in variables.items() if name.startswith(_PREFIX)}
    if not environment:
        raise UnwellError(f"{stack['StackName']} has no functions: deploy again")
    return Deployed(base_url=outputs["BaseUrl"].rstrip("/"), settings=Settings.from_env(environment))


def _functions(clients: Clients, stack: str) -> Iterator[str]:
    pages = clients.of("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == _FUNCTION and resource.get("PhysicalResourceId"):
                yield resource["PhysicalResourceId"]
