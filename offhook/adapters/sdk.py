"""The one session of the AWS SDK in a process, and the clients that are made of it.

Of botocore alone: boto3 adds to the start of every function, and to what each of its sessions reads anew.
"""

from functools import cache
from threading import RLock
from typing import Any

from botocore.client import Config
from botocore.session import Session

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
RETRIES = 2

making_clients = RLock()
"""Held by whoever makes a client: a session can't make two at a time."""


@cache
def session() -> Session:
    """Return the session; region, credentials and endpoints are those of the SDK's own environment."""
    made = Session()
    # Where none is given, the SDK puts a longer one together for each request, twice: a seventh of what one costs.
    made.set_default_client_config(Config(user_agent=made.user_agent()))
    return made


def make_client(service: str, **config: Any) -> Any:
    """Make a client from the SDK's own environment, with time limits; `config` is what else its Config has."""
    limits: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "retries": {"total_max_attempts": 1 + RETRIES, "mode": "standard"},
    }
    with making_clients:
        return session().create_client(service, config=Config(**limits | config))
