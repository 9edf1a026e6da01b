"""Replies with fields that are shown once and never stored."""

import inspect
import json
from collections.abc import Callable
from typing import Any, ClassVar, get_type_hints

from pydantic import BaseModel, Field

REPLAY_NOTE = (
    "This is the stored reply of an earlier request with the same Idempotency-Key. What it showed once is not stored "
    "and can't be shown again."
)


class SecretReply(BaseModel):
    """A reply whose `secret_fields` are shown once: in a replay they are null, and `note` says why."""

    secret_fields: ClassVar[tuple[str, ...]] = ()

    note: str | None = Field(default=None, description="Says in a replay why secrets are missing.")


class MintedReply(BaseModel):
    """A reply with tokens that are good for minutes: it is not stored, and who asks again is given others."""


def reply_of(endpoint: Callable[..., Any]) -> type:
    """Return the class of what an endpoint answers with; NoneType where it says none."""
    answer = get_type_hints(endpoint).get("return")
    return answer if inspect.isclass(answer) else type(None)


def without_secrets(body: str, secret_fields: tuple[str, ...]) -> str:
    """Return the JSON text of a reply as it may be stored."""
    if not secret_fields:
        return body
    kept = json.loads(body) | dict.fromkeys(secret_fields) | {"note": REPLAY_NOTE}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
