"""What it takes to ask the language models that whoever deploys has named, and no others."""

import re
from collections.abc import Iterator

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from infra.config import Configuration
from infra.findings import acknowledge

# Converse as a stream needs no other right (Service Authorization Reference, 2026).
_ASK, _GUARD, _EMBED = (
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:ApplyGuardrail",
    "bedrock:InvokeModel",
)
# Profiles that AWS has made send requests on: their ids are a part of the world and a model.
_PROFILE = re.compile(r"(?:us|us-gov|eu|apac|jp|au|ca|in|sa|global)\.(.+)")


def model_statements(config: Configuration, stack: Stack) -> Iterator[iam.PolicyStatement]:
    """Yield the grants of a room that asks models."""
    for region in filter(None, (stack.region, config.bedrock_second_region)):
        for model in config.models_of_bedrock:
            yield from _asking(model, region, stack)
        guardrails = filter(None, config.bedrock_guardrails.split(","))
        if arns := [_arn(stack, region, f"guardrail/{each}") for each in guardrails]:
            yield iam.PolicyStatement(actions=[_GUARD], resources=arns)
    if config.llm_api_key_id:
        yield iam.PolicyStatement(
            actions=["secretsmanager:GetSecretValue"], resources=[config.llm_api_key_id]
        )


def embedding_statements(config: Configuration, stack: Stack) -> Iterator[iam.PolicyStatement]:
    """Yield the grant of a room that looks things up by their meaning."""
    if config.embeddings_model:
        yield from _asking(config.embeddings_model, stack.region, stack, _EMBED)


def acknowledge_regions(role: iam.Role, config: Configuration) -> None:
    """Say why the models behind profiles are named without their region."""
    for model in filter(_is_profile, (*config.models_of_bedrock, config.embeddings_model)):
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:bedrock:*::foundation-model/{_behind(model)}]",
            "The profile chooses the region; the statement's condition is that it was asked through that profile.",
        )


def _asking(model: str, region: str, stack: Stack, action: str = _ASK) -> Iterator[iam.PolicyStatement]:
    if not _is_profile(model):
        named = f"arn:{stack.partition}:bedrock:{region}::foundation-model/{model}"
        yield iam.PolicyStatement(actions=[action], resources=[named])
        return
    profile = model if model.startswith("arn:") else _arn(stack, region, f"inference-profile/{model}")
    yield iam.PolicyStatement(actions=[action], resources=[profile])
    yield iam.PolicyStatement(
        actions=[action],
        resources=[f"arn:{stack.partition}:bedrock:*::foundation-model/{_behind(model)}"],
        conditions={"StringEquals": {"bedrock:InferenceProfileArn": profile}},
    )


def _is_profile(model: str) -> bool:
    return model.startswith("arn:") or _PROFILE.fullmatch(model) is not None


def _behind(profile: str) -> str:
    """Return the model of a profile; a profile of the account's own does not tell."""
    found = _PROFILE.fullmatch(profile)
    return found[1] if found else "*"


def _arn(stack: Stack, region: str, resource: str) -> str:
    return f"arn:{stack.partition}:bedrock:{region}:{stack.account}:{resource}"
