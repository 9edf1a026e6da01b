"""`offhook env`: what a shell needs to talk to the install that runs here."""

import shlex

from local.client.terminal import say
from local.install.state import STATE_FILE, LocalState
from offhook.errors import NotConfiguredError


def env() -> None:
    """Print exports for a shell: address and key of this folder's install; address, domain and token of its carrier."""
    state = LocalState.read()
    if state is None:
        raise NotConfiguredError(
            f"There is no {STATE_FILE} here: run this in the folder where `offhook up` was started."
        )
    for name, value in (
        ("OFFHOOK_BASE_URL", state.base_url),
        ("OFFHOOK_API_KEY", state.api_key),
        ("CLOUDONIX_URL", state.carrier_url),
        ("CLOUDONIX_DOMAIN", state.cloudonix_domain),
        ("CLOUDONIX_TOKEN", state.cloudonix_token),
    ):
        say(f"export {name}={shlex.quote(value)}")
