"""A person calls a number whose voice application opens an Agent Stream of the install that runs here."""

import time
from typing import cast

from local.client.agent_stream import Form, agent_stream_document
from local.client.carrier import CarrierClient
from local.client.rest import InstallClient
from local.client.target import Target
from local.install.state import STATE_FILE, LocalState
from offhook.errors import NotConfiguredError, OffhookError
from offhook.json_types import JsonObject

CALLED_NUMBER = "+15555550199"
"""The number that is called: nobody's, for the stream's address says which agent answers."""
_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.2
_LATEST_RUNS = 50


def call_in(client: InstallClient, target: Target, form: Form, *, caller: str, agent_uuid: str | None) -> str:
    """Let somebody call, and return the id of the run that this began.

    Raises OffhookError with the close code and its reason when the agent's socket was closed before.
    """
    state = _state_of(target)
    document = agent_stream_document(
        form,
        base_url=target.base_url,
        agent_uuid=agent_uuid or state.agent_uuid,
        api_key=target.require_key(),
        cloudonix_token=state.cloudonix_token,
    )
    with CarrierClient(state, _domain(client)) as carrier:
        token = str(carrier.call_in(caller=caller, called=CALLED_NUMBER, cxml=document)["token"])
        return _await_run(client, carrier, token)


def _state_of(target: Target) -> LocalState:
    state = LocalState.read()
    if state is None or state.base_url.rstrip("/") != target.base_url or not state.carrier_url:
        raise NotConfiguredError(
            f"--form needs the simulated carrier of an install on this machine, and {STATE_FILE} names none "
            f"for {target.base_url}: run this in the folder where `offhook up` was started."
        )
    return state


def _domain(client: InstallClient) -> str:
    """Return the domain of the default telephony configuration."""
    items = client.items("/telephony-configurations", {"limit": 1})
    if not items:
        raise NotConfiguredError("There is no telephony configuration: make one for demo.cloudonix.net.")
    return str(items[0]["domain_id"])


def _await_run(client: InstallClient, carrier: CarrierClient, token: str) -> str:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        # In this order: a run that was made before the call ended is still found.
        call = carrier.show(token)
        run_id = _run_of(client, token)
        if run_id is not None:
            return run_id
        if call["status"] not in ("initiated", "ringing", "answered"):
            raise OffhookError(_why_none(call))
        time.sleep(_POLL_SECONDS)
    raise OffhookError(f"No run began within {_WAIT_SECONDS:.0f} seconds of the call.")


def _run_of(client: InstallClient, token: str) -> str | None:
    for run in client.items("/runs", {"limit": _LATEST_RUNS}):
        if cast("JsonObject", run["telephony"])["call_id"] == token:
            return str(run["workflow_run_id"])
    return None


def _why_none(call: JsonObject) -> str:
    streams = cast("list[JsonObject]", call["streams"])
    if not streams:
        return f"The call ended ({call['status']}) before an Agent Stream was opened."
    code, reason = streams[-1]["code"], streams[-1]["reason"]
    if code is None:
        return f"The Agent Stream could not be opened: {reason}"
    return f"The Agent Stream was closed with {code} and no run began: {reason or 'no reason was given'}"
