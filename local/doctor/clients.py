"""AWS as the doctor asks it: briefly, and with the SDK's own variables."""

from functools import cache
from typing import Any

import boto3
from botocore.client import Config

_CONFIG = Config(connect_timeout=3, read_timeout=8, retries={"total_max_attempts": 2, "mode": "standard"})


class Clients:
    """One client of each service and region, made when it is first asked for."""

    def __init__(self) -> None:
        self._session = boto3.session.Session()
        self.of = cache(self._client)

    @property
    def region(self) -> str | None:
        """The region, None where none is set."""
        return self._session.region_name

    def _client(self, service: str, region: str | None = None) -> Any:
        return self._session.client(service, region_name=region, config=_CONFIG)  # type: ignore[call-overload]
