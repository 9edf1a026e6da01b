"""What a model was asked, in no provider's words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.aws.speech.refusals import RefusalError
from offhook.json_types import JsonObject

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: `heard` is what the caller has said since the model's last words, `told` what tools have answered since.

    `protocol` is `converse` or `chat-completions`; `body` is the request as it was sent.
    """

    protocol: str
    model: str
    system: str
    heard: str
    told: str
    offered: tuple[str, ...]
    must_call: str
    turns: int
    body: JsonObject


def fields(value: Any, where: str) -> dict[str, Any]:
    """Return an object as it was sent; raise RefusalError for anything else."""
    if not isinstance(value, dict):
        raise invalid(f"{where} must be an object.")
    return value


def items(value: Any, where: str) -> list[Any]:
    """Return a list that holds something; raise RefusalError for anything else."""
    if not isinstance(value, list) or not value:
        raise invalid(f"{where} must be a list, and not an empty one.")
    return value


def check_names(names: Iterable[str], where: str) -> Iterator[str]:
    """Pass names on that tools may have, each once; raise RefusalError."""
    seen: set[str] = set()
    for name in names:
        if not _NAME.fullmatch(name):
            raise invalid(f"{where}: {name!r} must match [a-zA-Z0-9_-]{{1,64}}.")
        if name in seen:
            raise invalid(f"{where} contains duplicate names: {name}.")
        seen.add(name)
        yield name


def invalid(sentence: str) -> RefusalError:
    """Return what a service says to a request that breaks its rules."""
    return RefusalError("ValidationException", sentence)
