"""Vectors of texts, by one of Bedrock's models of embeddings."""

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import error_code
from offhook.errors import EngineError, NotConfiguredError

_TITAN = "amazon.titan-embed-text-v2"
_DIMENSIONS = 256
"""The shortest that Titan makes, which its documentation (2026) puts at 97 % of the accuracy of 1,024."""

_MOST_CHARACTERS = 8_000
_CONNECTIONS = 8


class BedrockEmbeddings:
    """Implements the streamer's Embedder with Titan Text Embeddings V2; every call blocks."""

    dimensions = _DIMENSIONS

    def __init__(self, model: str, *, region: str = "") -> None:
        """Make the client; raise NotConfiguredError for a model of another kind."""
        if _TITAN not in model:
            message = f"OFFHOOK_EMBEDDINGS_MODEL must be {_TITAN}:0, or a profile of it, not {model!r}."
            raise NotConfiguredError(message)
        self.name = model
        self._client: Any = make_client(
            "bedrock-runtime",
            **({"region_name": region} if region else {}),
            read_timeout=3,
            max_pool_connections=_CONNECTIONS,
            retries={"total_max_attempts": 1},
        )

    def embed(self, text: str) -> Sequence[float]:
        """Return the vector of a text; raise EngineError."""
        asked = {"inputText": text[:_MOST_CHARACTERS], "dimensions": _DIMENSIONS, "normalize": True}
        try:
            reply = self._client.invoke_model(
                modelId=self.name, body=json.dumps(asked), contentType="application/json"
            )
            vector = json.loads(reply["body"].read())["embedding"]
        except ClientError as error:
            raise _failed(error_code(error)) from error
        except (BotoCoreError, HTTPError, ValueError, KeyError, TypeError) as error:
            raise _failed(type(error).__name__) from error
        if not (isinstance(vector, list) and len(vector) == _DIMENSIONS):
            raise _failed("no such vector")
        return vector


def _failed(reason: str) -> EngineError:
    return EngineError(f"The model of embeddings failed ({reason}).", engine="bedrock")
