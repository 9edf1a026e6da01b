"""What an endpoint refuses, or fails at, in words that a second model can go by."""

import re

from offhook.json_types import JsonObject
from offhook.models.failures import ModelError, ModelFailure

SERVICE = "The model's endpoint"

# A code is a word; what is more may hold what was said.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def failure_in(body: JsonObject, *, status: int = 500) -> ModelError:
    """Return the error that a body tells of: OpenAI's object, or a sentence alone as some have it."""
    error = body.get("error")
    told = error if isinstance(error, dict) else {}
    code = told.get("code") or told.get("type") or ""
    if isinstance(code, int):
        status = code
    name = code if isinstance(code, str) and _CODE.fullmatch(code) else f"HTTP {status}"
    return ModelError(_failure(status, str(code)), service=SERVICE, reason=name)


def _failure(status: int, code: str) -> ModelFailure:
    if status == 429 or "rate_limit" in code or "insufficient_quota" in code:
        return ModelFailure.THROTTLED
    if status in (408, 504) or "timeout" in code:
        return ModelFailure.STALLED
    if status >= 500:
        return ModelFailure.UNAVAILABLE
    return ModelFailure.REFUSED
