"""Server-sent events as chat completions use them: lines of `data:`, each a JSON object."""

import json
from collections.abc import Iterator

from offhook.adapters.openai.refusals import SERVICE
from offhook.json_types import JsonObject, json_object
from offhook.models.characters import whole
from offhook.models.failures import ModelError, ModelFailure

_LONGEST_LINE_BYTES = 256_000
_LONGEST_REPLY_BYTES = 4_000_000
_DONE = b"[DONE]"


class EventLines:
    """Cuts what comes in into the objects of its lines, all of it bounded."""

    def __init__(self) -> None:
        self._rest = b""
        self._bytes = 0
        self.is_done = False

    def feed(self, data: bytes) -> Iterator[JsonObject]:
        """Yield each object that is whole now; raise ModelError for what is none, or is too much."""
        self._bytes += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE_BYTES or self._bytes > _LONGEST_REPLY_BYTES:
            raise ModelError(ModelFailure.CORRUPT, service=SERVICE, reason="too long")
        for line in lines:
            field, _, value = line.partition(b":")
            value = value.strip()
            if value == _DONE:
                self.is_done = True
            elif field.strip() == b"data" and value:
                found = json_object(value.decode(errors="replace"))
                if found is None:
                    raise ModelError(ModelFailure.CORRUPT, service=SERVICE, reason="no JSON")
                yield _whole(found) if b"\\ud" in value.lower() else found


def _whole(found: JsonObject) -> JsonObject:
    all_whole: JsonObject = json.loads(whole(json.dumps(found, ensure_ascii=False)))
    return all_whole
