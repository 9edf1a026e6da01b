"""Campaigns in DynamoDB.

campaign   runs table, pk `ORG#<id>#CAMPAIGNS`, sk `<campaign id>`; ids are in the order of time
removal    pk `CAMPAIGN#<id>`, sk `REMOVAL`: there is no such campaign any more, and things of it are left
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import time

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.mapping import (
    ChoiceAttribute,
    ModelItem,
    TextsAttribute,
    WrittenAttribute,
    attributes,
    change,
    found,
    stored_fields,
    to_model,
)
from offhook.adapters.dynamodb.items.refusals import id_taken
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.callinghours import CallingWindow, Weekday
from offhook.campaigns.model import Campaign, CampaignStatus
from offhook.errors import ConflictError

NO_SUCH_CAMPAIGN = "There is no campaign with this id in your organization."

# What imports write, each time with a condition of their own.
_OF_IMPORTS = ("imports", "importing")


def _written(windows: tuple[CallingWindow, ...]) -> str:
    return json.dumps(
        [[[*each.weekdays], each.opens.isoformat(), each.closes.isoformat()] for each in windows]
    )


def _read(text: str) -> tuple[CallingWindow, ...]:
    return tuple(
        CallingWindow(
            weekdays=tuple(map(Weekday, weekdays)),
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
        )
        for weekdays, opens, closes in json.loads(text)
    )


class CampaignItem(ModelItem):
    """A campaign."""

    TABLE = RUNS_TABLE
    KIND = "campaign"
    MODEL = Campaign

    status = ChoiceAttribute(CampaignStatus)
    revision = NumberAttribute()
    imports = NumberAttribute()
    importing = NumberAttribute(null=True)
    from_phone_number_ids = TextsAttribute()
    windows = WrittenAttribute(_written, _read)


class RemovalItem(Item):
    """That a campaign was removed."""

    TABLE = RUNS_TABLE
    KIND = "campaign-removal"


class DynamoCampaigns:
    """Implements Campaigns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._removals = database.items(RemovalItem)
        self._campaigns = database.items(CampaignItem)

    def add(self, campaign: Campaign) -> None:
        item = self._campaigns.new(*campaign_key(campaign), **attributes(CampaignItem, campaign))
        if not self._campaigns.put_new(item):
            raise id_taken()

    def get(self, organization_id: str, campaign_id: str) -> Campaign:
        return found(Campaign, self._campaigns.get(_pk(organization_id), campaign_id), NO_SUCH_CAMPAIGN)

    def list(
        self, organization_id: str, *, limit: int, after: str | None, status: CampaignStatus | None = None
    ) -> tuple[Sequence[Campaign], str | None]:
        items, next_after = self._campaigns.page(
            _pk(organization_id),
            None if after is None else Item.sk < after,
            None if status is None else CampaignItem.status == status,
            limit=limit,
        )
        return [to_model(Campaign, item) for item in items], next_after

    def update(self, campaign: Campaign, former: Campaign) -> Campaign:
        changed = self._campaigns.change(
            *campaign_key(former), _differences(campaign, former), _is_former(campaign, former)
        )
        stored = found(Campaign, changed.item, NO_SUCH_CAMPAIGN)
        if not changed.is_done:
            raise _changed()
        return stored

    def remove(self, campaign: Campaign) -> None:
        key = campaign_key(campaign)
        is_idle = (CampaignItem.revision == campaign.revision) & CampaignItem.importing.does_not_exist()

        def collect(transaction: TransactWrite) -> None:
            transaction.delete(self._campaigns.new(*key), condition=is_idle)
            transaction.save(self._removals.new(*_removal_key(campaign.id)))

        def is_made() -> bool:
            if self._campaigns.get(*key) is None:
                return True
            raise _changed()

        self._database.write_together(collect, is_made)

    def is_removed(self, campaign_id: str) -> bool:
        return self._removals.get(*_removal_key(campaign_id)) is not None

    def forget(self, campaign_id: str) -> None:
        note = _removal_key(campaign_id)
        keys = self._database.keys(RUNS_TABLE, note[0])
        self._removals.remove_many(key for key in keys if key != note)
        self._removals.remove(*note)


def _differences(campaign: Campaign, former: Campaign) -> Sequence[Action]:
    latest = replace(campaign, revision=former.revision + 1)
    return [
        change(getattr(CampaignItem, each.name), value)
        for each in stored_fields(Campaign, _OF_IMPORTS)
        if (value := getattr(latest, each.name)) != getattr(former, each.name)
    ]


def _is_former(campaign: Campaign, former: Campaign) -> Condition:
    condition: Condition = (CampaignItem.revision == former.revision) & (CampaignItem.status == former.status)
    if campaign.status is CampaignStatus.COMPLETED:
        # Contacts of an import that has begun meanwhile would never be called.
        condition &= CampaignItem.imports == former.imports
    return condition


def campaign_key(campaign: Campaign) -> tuple[str, str]:
    """Return where a campaign lies."""
    return _pk(campaign.organization_id), campaign.id


def _removal_key(campaign_id: str) -> tuple[str, str]:
    return f"CAMPAIGN#{campaign_id}", "REMOVAL"


def _pk(organization_id: str) -> str:
    return f"ORG#{organization_id}#CAMPAIGNS"


def _changed() -> ConflictError:
    return ConflictError(
        "Somebody else has changed the campaign meanwhile: read it and try again.", code="campaign-changed"
    )
