"""Queues on SQS: of run ids, and of what is to be done for campaigns."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import sdk_errors
from offhook.json_types import JsonObject

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from offhook.campaigns.ports import CampaignWork


def sqs_client(**config: Any) -> SQSClient:
    """Build a client from the SDK's own environment, with time limits."""
    return cast("SQSClient", make_client("sqs", **config))


class _Messages:
    """A queue of JSON objects."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> SQSClient:
        return sqs_client()

    def _send(self, message: JsonObject, delay_seconds: int) -> None:
        with sdk_errors("SQS"):
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps(message), DelaySeconds=delay_seconds
            )


class SqsQueue(_Messages):
    """Implements WorkQueue; a message is `{"run_id": n}`."""

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        self._send({"run_id": run_id}, delay_seconds)


class SqsCampaignQueue(_Messages):
    """Implements CampaignQueue; a message is `{"organization_id": "…", "campaign_id": "…", "work": "feed", "number": n}`."""

    def send(
        self,
        organization_id: str,
        campaign_id: str,
        work: CampaignWork,
        *,
        number: int = 0,
        delay_seconds: int = 0,
    ) -> None:
        message = {"organization_id": organization_id, "campaign_id": campaign_id, "work": work.value}
        self._send({**message, "number": number}, delay_seconds)
