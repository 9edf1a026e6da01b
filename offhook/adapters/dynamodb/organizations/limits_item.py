"""An organization's limits as an item of DynamoDB.

limits   config table, pk `ORG#<id>`, sk `ORG#LIMITS`; beside the telephony rows, so that one query reads them all
"""

from decimal import Decimal

from pynamodb.attributes import UnicodeAttribute

from offhook.adapters.dynamodb.items.mapping import ModelItem, TextsAttribute, WrittenAttribute, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.organizations.limits import Limits

LIMITS_SK = "ORG#LIMITS"


class LimitsItem(ModelItem):
    """What an organization may use."""

    TABLE = CONFIG_TABLE
    KIND = "limits"
    MODEL = Limits

    organization_id = UnicodeAttribute()
    spend_per_day_usd = WrittenAttribute(str, Decimal, null=True)
    allowed_destinations = TextsAttribute(null=True)


def to_limits(item: LimitsItem | None) -> Limits:
    """Return the limits of the item; the default ones without it."""
    return Limits() if item is None else to_model(Limits, item)
