"""The SDK's own variables, so that everything of one local install finds the embedded AWS, and nothing else of anybody's."""

import os

from local.processes.ports import is_here

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_REGION = "us-east-1"


def use_aws_at(url: str) -> None:
    """Point the SDK of this process and of its children at the embedded AWS, unless it points elsewhere already."""
    if any(name.startswith(ENDPOINT_VARIABLE) for name in os.environ):
        os.environ.setdefault(ENDPOINT_VARIABLE, url)
        return
    # Whatever else is set belongs to a real account, and must not turn up in local links and logs.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ[ENDPOINT_VARIABLE] = url
    fill_in_for_loopback()


def fill_in_for_loopback() -> None:
    """Add what the SDK demands and an AWS on this machine does not look at, where the environment leaves it out."""
    if not is_here(os.environ.get(ENDPOINT_VARIABLE, "")):
        return
    if not any(name in os.environ for name in (*_CREDENTIALS, "AWS_PROFILE")):
        os.environ.update(_CREDENTIALS, AWS_EC2_METADATA_DISABLED="true")
    if "AWS_REGION" not in os.environ:
        os.environ.setdefault("AWS_DEFAULT_REGION", _REGION)
