"""What the deployment tells: where the install is, and how its first key is made."""

from aws_cdk import CfnOutput, Stack

from infra.config import Configuration
from infra.data import Data


def add_outputs(stack: Stack, *, base_url: str, config: Configuration, data: Data) -> None:
    """Give the stack its outputs; `base_url` begins with https://."""
    outputs = {
        "BaseUrl": ("Where clients and carriers reach this install.", base_url),
        "StreamUrlTemplate": (
            "Where a carrier opens the stream of a call for an agent.",
            f"wss://{base_url.removeprefix('https://')}/api/v1/agent-stream/cloudonix/{{agent_uuid}}",
        ),
        "InboundUrl": (
            "The webhook of numbers that Offhook answers.",
            f"{base_url}/api/v1/telephony/inbound/run",
        ),
        "FirstKeyCommand": (
            "Makes an organization's first key, with credentials for this account.",
            _first_key_command(stack, config, data),
        ),
    }
    for name, (description, value) in outputs.items():
        CfnOutput(stack, name, description=description, value=value)


def _first_key_command(stack: Stack, config: Configuration, data: Data) -> str:
    settings = config.settings(
        config_table=data.config_table.table_name,
        runs_table=data.runs_table.table_name,
        events_table=data.events_table.table_name,
    )
    tables = {name: value for name, value in settings.to_env().items() if name.endswith("_TABLE")}
    # botocore reads this variable and not AWS_REGION.
    environment = {"AWS_DEFAULT_REGION": stack.region, **tables}
    words = [f"{name}={value}" for name, value in environment.items()]
    return " ".join(["env", *words, ".venv/bin/offhook keys create --bootstrap --organization main"])
