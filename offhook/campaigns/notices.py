"""Telling that a campaign is completed: once to its callback, signed, and tried again for half an hour."""

import json
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offhook.campaigns.model import Campaign, Counts
from offhook.campaigns.ports import Attempts, Campaigns
from offhook.clock import to_iso
from offhook.errors import ConflictError, InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.ending.deliveries import REFUSED_FOR_GOOD, RETRY_AFTER_SECONDS, delay_after, headers_of
from offhook.runs.model import Delivery, DeliveryStatus
from offhook.runs.ports import Courier, DeliveryError
from offhook.signing import webhook_secret

logger = logging.getLogger(__name__)

EVENT = "campaign.completed"
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Makes these deliveries, each attempt claimed in the campaign first: feeds that run twice send once."""

    campaigns: Campaigns
    attempts: Attempts
    courier: Courier
    install_secret: str = field(repr=False)

    def deliver(self, campaign: Campaign, now: datetime) -> datetime | None:
        """Make the attempt that is due, if one is, and return when the next one is; None when all is told."""
        notice = campaign.notice
        if notice is None or notice.status is not DeliveryStatus.PENDING:
            return None
        due_at = _due_at(notice)
        if due_at is not None and now < due_at:
            return due_at
        is_last = notice.attempts >= len(RETRY_AFTER_SECONDS)
        claimed = replace(notice, attempts=notice.attempts + 1, last_attempt_at=now)
        try:
            campaign = self.campaigns.update(replace(campaign, notice=claimed), campaign)
            told = self._send(campaign, claimed, now)
            if told.status is DeliveryStatus.PENDING and is_last:
                told = replace(told, status=DeliveryStatus.FAILED)
            self.campaigns.update(replace(campaign, notice=told), campaign)
        except ConflictError:
            # Another feed tells it.
            return now + _SOON
        return _due_at(told) if told.status is DeliveryStatus.PENDING else None

    def _send(self, campaign: Campaign, notice: Delivery, now: datetime) -> Delivery:
        """Send it, and return what has become of it: delivered, failed for good, or still pending."""
        body = json.dumps(notice_document(campaign, self.attempts.counts(campaign.id))).encode()
        secret = webhook_secret(self.install_secret, campaign.organization_id)
        headers = {"X-Offhook-Campaign": campaign.id, **headers_of(campaign.id, notice, body, secret, now)}
        try:
            status = self.courier.send(notice.url or "", body, headers).status
        except InvalidInputError as error:
            # The address is not allowed any more.
            return replace(notice, status=DeliveryStatus.FAILED, answer=error.code)
        except DeliveryError as error:
            failed = DeliveryStatus.PENDING if error.retryable else DeliveryStatus.FAILED
            return replace(notice, status=failed, answer=error.code)
        return replace(notice, status=_meaning(status), answer=str(status))


def notice_document(campaign: Campaign, counts: Counts) -> JsonObject:
    """Return what is sent."""
    return {
        "event": EVENT,
        "campaign_id": campaign.id,
        "name": campaign.name,
        "status": campaign.status.value,
        "started_at": to_iso(campaign.started_at) if campaign.started_at else None,
        "ended_at": to_iso(campaign.ended_at) if campaign.ended_at else None,
        "contacts": counts.contacts,
        "duplicates": counts.duplicates,
        "done": {**counts.done},
        "canceled": max(0, counts.contacts - counts.started - counts.duplicates) + counts.waiting,
        "attempts": counts.attempts,
        "cost_usd": float(counts.cost_usd),
        "call_seconds": counts.call_seconds,
    }


def _due_at(notice: Delivery) -> datetime | None:
    if notice.last_attempt_at is None:
        return None
    return notice.last_attempt_at + delay_after(notice.attempts)


def _meaning(status: int) -> DeliveryStatus:
    if 200 <= status < 300:
        return DeliveryStatus.DELIVERED
    return DeliveryStatus.FAILED if status in REFUSED_FOR_GOOD else DeliveryStatus.PENDING
