"""`offhook doctor --aws`: an install on AWS, from the credentials of whoever looks to its carriers."""

import os
from collections.abc import Iterator

from local.client.target import Target
from local.doctor.account import look_at_account
from local.doctor.clients import Clients
from local.doctor.deployed import find_stack, look_at_stack, read_deployed
from local.doctor.edge import look_at_carriers, look_at_health, look_at_sockets
from local.doctor.finding import Finding, ill
from local.doctor.looking import UnwellError
from local.doctor.models import look_at_models
from local.doctor.quotas import look_at_quotas
from local.doctor.resources import look_at_bucket, look_at_key, look_at_queues, look_at_secret
from local.doctor.sessions import look_at_sessions
from local.doctor.tables import look_at_tables
from local.doctor.wakes import look_at_wakes
from offhook.errors import InvalidInputError

_PARTS = (
    look_at_tables,
    look_at_secret,
    look_at_queues,
    look_at_wakes,
    look_at_bucket,
    look_at_key,
    look_at_models,
    look_at_quotas,
)


def look_at_aws(stack_name: str) -> Iterator[Finding]:
    """Look at everything that the stack of this name leads to; what is behind a thing that is missing is left out."""
    clients = Clients()
    try:
        yield from look_at_account(clients)
        stack = find_stack(clients, stack_name)
        yield from look_at_stack(stack)
        deployed = read_deployed(clients, stack)
    except UnwellError as error:
        yield ill(error.subject, error.detail)
        return
    except InvalidInputError as error:
        yield ill("settings", f"the functions were deployed by another version: {error.detail}")
        return
    for look in _PARTS:
        yield from look(clients, deployed.settings)
    yield from look_at_health(deployed.base_url)
    yield from look_at_sockets(deployed.base_url)
    yield from look_at_sessions(deployed.base_url)
    yield from look_at_carriers(Target(base_url=deployed.base_url, api_key=os.environ.get("OFFHOOK_API_KEY")))
