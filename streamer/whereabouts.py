"""Where this process is reached by others of the install: at its task's private address, or on this machine."""

import asyncio
import json
import logging
from ipaddress import ip_address
from urllib.request import urlopen

logger = logging.getLogger(__name__)

METADATA_VARIABLE = "ECS_CONTAINER_METADATA_URI_V4"
"""Set by ECS in each container; what lies there tells the container's networks."""

_LIMIT_S = 2.0


async def whereabouts(host: str, port: int, *, metadata_url: str | None) -> str:
    """Return `host:port`; "" where that can't be told, and others do without.

    A process that listens on all interfaces does not know which of them others can reach, unless ECS tells it.
    """
    if metadata_url:
        try:
            host = await asyncio.to_thread(_task_address, metadata_url)
        except (OSError, ValueError, LookupError, TypeError):
            logger.warning("the task's address is not known: its calls are not heard from other tasks")
            return ""
    return "" if _is_everywhere(host) else f"{host}:{port}"


def _is_everywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False  # a name


def _task_address(url: str) -> str:
    with urlopen(url, timeout=_LIMIT_S) as reply:  # noqa: S310 - the address is ECS's own, from the environment
        address = json.load(reply)["Networks"][0]["IPv4Addresses"][0]
    return str(ip_address(address))
