"""Exports in DynamoDB, beside the imports of their campaigns.

export   runs table, pk `CAMPAIGN#<id>`, sk `EXPORT#<number>`
"""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.mapping import (
    ModelItem,
    TextsAttribute,
    attributes,
    changes,
    found,
    to_model,
)
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.campaigns.exports import Export, ExportStatus
from offhook.campaigns.model import Campaign

_PREFIX = "EXPORT#"


class ExportItem(ModelItem):
    """An export."""

    TABLE = RUNS_TABLE
    KIND = "export"
    MODEL = Export

    ended_at = UTCDateTimeAttribute(null=True)
    after = UnicodeAttribute()
    titles = TextsAttribute()
    etags = TextsAttribute()


class DynamoExports:
    """Implements Exports."""

    def __init__(self, database: Database) -> None:
        self._exports = database.items(ExportItem)

    def begin(self, campaign: Campaign, now: datetime) -> Export:
        newest = self.newest(campaign.id)
        if newest is not None and newest.status(now) is ExportStatus.WRITING:
            return newest
        begun = Export(
            campaign_id=campaign.id,
            organization_id=campaign.organization_id,
            number=newest.number + 1 if newest else 1,
            created_at=now,
            touched_at=now,
        )
        item = self._exports.new(*_place(begun.campaign_id, begun.number), **attributes(ExportItem, begun))
        # Another who asks at the same moment is given the same one.
        return begun if self._exports.put_new(item) else self.get(begun.campaign_id, begun.number)

    def newest(self, campaign_id: str) -> Export | None:
        found = self._exports.query(_pk(campaign_id), Item.sk.startswith(_PREFIX), forward=False, limit=1)
        return next((to_model(Export, item) for item in found), None)

    def get(self, campaign_id: str, number: int) -> Export:
        item = self._exports.get(*_place(campaign_id, number))
        return found(Export, item, "This campaign has no export with this number.")

    def save(self, former: Export, latest: Export) -> bool:
        is_as_far = (ExportItem.after == former.after) & ExportItem.ended_at.does_not_exist()
        actions = changes(ExportItem, attributes(ExportItem, latest))
        return self._exports.change(*_place(former.campaign_id, former.number), actions, is_as_far).is_done


def _place(campaign_id: str, number: int) -> tuple[str, str]:
    return _pk(campaign_id), f"{_PREFIX}{number:06d}"


def _pk(campaign_id: str) -> str:
    return f"CAMPAIGN#{campaign_id}"
