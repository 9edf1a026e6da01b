"""Identifiers: time-ordered integers for runs, UUIDs for what lives in URLs, names for people."""

import secrets
import uuid
from datetime import datetime

_RANDOM_BITS = 12
# 41 bits of milliseconds since this instant reach the year 2094; with 12 random bits a run's id stays below 2^53,
# the largest integer that a JavaScript client (n8n, Zapier) reads without losing digits.
_EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z


def new_run_id(now: datetime) -> int:
    """Make a run's id: positive, below 2^53, larger than those of earlier milliseconds.

    Two in one millisecond collide once in 4096 times; the store refuses the second and the caller tries again.
    """
    elapsed_ms = int(now.timestamp() * 1000) - _EPOCH_MS
    return (elapsed_ms << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)


def run_id_floor(instant: datetime) -> int:
    """Return the smallest id that a run created at this instant can have."""
    return (int(instant.timestamp() * 1000) - _EPOCH_MS) << _RANDOM_BITS


def new_deployment_id(now: datetime) -> str:
    """Make a deployment's id, such as `dep_019ab…`: ids of later milliseconds come later in the order of texts."""
    return f"dep_{int(now.timestamp() * 1000):012x}{secrets.token_hex(5)}"


def new_campaign_id(now: datetime) -> str:
    """Make a campaign's id, such as `cmp_019ab…`, in the order of time as that of a deployment."""
    return f"cmp_{int(now.timestamp() * 1000):012x}{secrets.token_hex(5)}"


def new_uuid() -> str:
    """Make a random UUID in its usual text form."""
    return str(uuid.uuid4())


def new_process_id() -> str:
    """Make the name under which one streamer process owns runs."""
    return f"streamer-{secrets.token_hex(6)}"


def run_name(prefix: str, digits: int) -> str:
    """Make a run's display name, such as `WR-API-7823`; names may repeat, ids do not."""
    return f"{prefix}-{secrets.randbelow(10**digits):0{digits}d}"
