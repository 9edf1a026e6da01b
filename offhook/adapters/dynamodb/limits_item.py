"""An organization's limits as an item of DynamoDB.

limits   config table, pk `ORG#<id>`, sk `ORG#LIMITS`; beside the telephony rows, so that one query reads them all
"""

from decimal import Decimal

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from offhook.adapters.dynamodb.database import Item, Items
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.organizations.limits import Limits

LIMITS_SK = "ORG#LIMITS"


class LimitsItem(Item):
    """What an organization may use; USD as text, since they are exact."""

    TABLE = CONFIG_TABLE
    KIND = "limits"

    organization_id = UnicodeAttribute()
    max_concurrent_calls = NumberAttribute()
    minutes_per_month = NumberAttribute(null=True)
    spend_per_day_usd = UnicodeAttribute(null=True)
    calls_per_minute_per_key = NumberAttribute()
    allowed_destinations = JSONAttribute(null=True)


def limits_item(items: Items[LimitsItem], pk: str, organization_id: str, limits: Limits) -> LimitsItem:
    """Make the item that holds these limits."""
    spend, destinations = limits.spend_per_day_usd, limits.allowed_destinations
    return items.new(
        pk,
        LIMITS_SK,
        organization_id=organization_id,
        max_concurrent_calls=limits.max_concurrent_calls,
        minutes_per_month=limits.minutes_per_month,
        spend_per_day_usd=None if spend is None else str(spend),
        calls_per_minute_per_key=limits.calls_per_minute_per_key,
        allowed_destinations=None if destinations is None else [*destinations],
    )


def to_limits(item: LimitsItem | None) -> Limits:
    """Return the limits of the item; the default ones without it."""
    if item is None:
        return Limits()
    minutes, spend, destinations = item.minutes_per_month, item.spend_per_day_usd, item.allowed_destinations
    return Limits(
        max_concurrent_calls=int(item.max_concurrent_calls),
        minutes_per_month=None if minutes is None else int(minutes),
        spend_per_day_usd=None if spend is None else Decimal(spend),
        calls_per_minute_per_key=int(item.calls_per_minute_per_key),
        allowed_destinations=None if destinations is None else tuple(destinations),
    )
