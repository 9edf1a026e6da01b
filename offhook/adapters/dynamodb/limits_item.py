"""An organization's limits as an item of DynamoDB.

limits   config table, pk `ORG#<id>`, sk `ORG#LIMITS`; beside the telephony rows, so that one query reads them all
"""

from decimal import Decimal

from pynamodb.attributes import Attribute, UnicodeAttribute

from offhook.adapters.dynamodb.mapping import ModelItem, TextsAttribute, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.organizations.limits import Limits

LIMITS_SK = "ORG#LIMITS"


class UsdAttribute(Attribute[Decimal]):
    """USD as text, since they are exact."""

    attr_type = UnicodeAttribute.attr_type

    def serialize(self, value: Decimal) -> str:
        return str(value)

    def deserialize(self, value: str) -> Decimal:
        return Decimal(value)


class LimitsItem(ModelItem):
    """What an organization may use."""

    TABLE = CONFIG_TABLE
    KIND = "limits"
    MODEL = Limits

    organization_id = UnicodeAttribute()
    spend_per_day_usd = UsdAttribute(null=True)
    allowed_destinations = TextsAttribute(null=True)


def to_limits(item: LimitsItem | None) -> Limits:
    """Return the limits of the item; the default ones without it."""
    return Limits() if item is None else to_model(Limits, item)
