"""Which install a command talks to: flags first, then the environment, then what `offhook up` left in this folder."""

import os
from dataclasses import dataclass, field
from typing import Annotated

import typer

from local.install.state import LocalState
from offhook.errors import NotConfiguredError

DEFAULT_PORT = 8800
DEFAULT_BASE_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", help=f"The install to talk to; else OFFHOOK_BASE_URL, else {DEFAULT_BASE_URL}."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An install, the key that opens it, and of one on this machine its demo agent and its simulated carrier."""

    base_url: str
    api_key: str | None = field(repr=False)
    agent_uuid: str | None = None
    trigger_path: str | None = None
    carrier_url: str = ""

    def require_key(self) -> str:
        """Return the API key; raise NotConfiguredError where none is known."""
        if not self.api_key:
            raise NotConfiguredError(
                f"No API key for {self.base_url}: set OFFHOOK_API_KEY, or run this in the folder "
                "where `offhook up` was started."
            )
        return self.api_key


def find_target(base_url: str | None) -> Target:
    """Choose the install; the local key and agent go only to the install that they belong to."""
    state = LocalState.read()
    chosen = base_url or os.environ.get("OFFHOOK_BASE_URL") or (state.base_url if state else DEFAULT_BASE_URL)
    chosen, key = chosen.rstrip("/"), os.environ.get("OFFHOOK_API_KEY")
    if not chosen.startswith(("http://", "https://")):
        raise NotConfiguredError("The base URL must start with http:// or https://.")
    if state is None or state.base_url.rstrip("/") != chosen:
        return Target(base_url=chosen, api_key=key)
    return Target(
        base_url=chosen,
        api_key=key or state.api_key,
        agent_uuid=state.agent_uuid,
        trigger_path=state.trigger_path,
        carrier_url=state.carrier_url,
    )
