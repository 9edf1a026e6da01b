"""How telephony configurations and phone numbers lie in DynamoDB.

configuration   pk `ORG#<id>`, sk `TELEPHONY#<configuration id>`; names its default caller
phone number    pk `ORG#<id>`, sk `TELEPHONY#<configuration id>#NUMBER#<number id>`
default         pk `ORG#<id>`, sk `TELEPHONY#`; names the organization's default configuration
address         pk `ORG#<id>`, sk `ADDRESS#<configuration id>#<address>`; there is one for each number
claim           pk `DOMAIN#<provider>#<account>`, sk `DOMAIN`; names the organization that has verified the account

There is at most one default, since a default is a name in one place and not a mark on each candidate. The limits
(sk `ORG#LIMITS`) sort just before all that, so that one query returns whatever an outbound call must know.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition

from offhook.adapters.dynamodb.items.database import Item
from offhook.adapters.dynamodb.items.mapping import DocumentAttribute, ModelItem, WrittenAttribute, to_model
from offhook.adapters.dynamodb.organizations.limits_item import LimitsItem, to_limits
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.telephony.model import OutboundProfile, PhoneNumber, SealedSecret, TelephonyConfiguration

DEFAULT_SK = "TELEPHONY#"
ACCOUNT_SK = "DOMAIN"


class ConfigurationItem(ModelItem):
    """A telephony configuration; its secrets are sealed before they come here."""

    TABLE = CONFIG_TABLE
    KIND = "telephony-configuration"
    MODEL = TelephonyConfiguration
    LEFT_OUT = ("is_default",)

    id = UnicodeAttribute(attr_name="configuration_id")
    account = UnicodeAttribute()
    secrets = WrittenAttribute[Mapping[str, SealedSecret]](
        lambda secrets: json.dumps({name: asdict(secret) for name, secret in secrets.items()}),
        lambda text: {name: SealedSecret(**secret) for name, secret in json.loads(text).items()},
    )
    options = DocumentAttribute()
    updated_at = UTCDateTimeAttribute(null=True)
    default_caller_id = UnicodeAttribute(null=True)


class NumberItem(ModelItem):
    """A phone number; whether it is the default caller, its configuration says."""

    TABLE = CONFIG_TABLE
    KIND = "phone-number"
    MODEL = PhoneNumber
    LEFT_OUT = ("is_default_caller",)

    id = UnicodeAttribute(attr_name="number_id")
    configuration_id = UnicodeAttribute()
    verified_account = UnicodeAttribute(null=True)


class DefaultItem(Item):
    """The name of the organization's default configuration."""

    TABLE = CONFIG_TABLE
    KIND = "telephony-default"

    configuration_id = UnicodeAttribute(null=True)


class AddressItem(Item):
    """An address that a configuration has."""

    TABLE = CONFIG_TABLE
    KIND = "phone-number-address"

    number_id = UnicodeAttribute()


class AccountItem(Item):
    """Whose an account at a provider is."""

    TABLE = CONFIG_TABLE
    KIND = "account"

    organization_id = UnicodeAttribute()
    configuration_id = UnicodeAttribute()


def account_pk(provider: str, account: str) -> str:
    return f"DOMAIN#{provider}#{account}"


def configuration_sk(configuration_id: str) -> str:
    return f"TELEPHONY#{configuration_id}"


def number_sk(number: PhoneNumber) -> str:
    return f"TELEPHONY#{number.configuration_id}#NUMBER#{number.id}"


def address_sk(number: PhoneNumber) -> str:
    return f"ADDRESS#{number.configuration_id}#{number.address}"


def outbound_range() -> Condition:
    """Select the limits, the default, the configurations and the numbers."""
    return Item.sk.between("ORG", "TELEPHONY#~")


def to_profile(items: Iterable[Item]) -> OutboundProfile:
    """Put together what one query has found, in whatever order."""
    found = list(items)
    default_id = next((item.configuration_id for item in found if isinstance(item, DefaultItem)), None)
    configurations = [item for item in found if isinstance(item, ConfigurationItem)]
    caller_ids = {item.default_caller_id for item in configurations}
    accounts = {item.id: item.account for item in configurations}
    numbers = [_to_number(item, caller_ids, accounts) for item in found if isinstance(item, NumberItem)]
    return OutboundProfile(
        limits=to_limits(next((item for item in found if isinstance(item, LimitsItem)), None)),
        configurations=tuple(
            sorted(
                (
                    to_model(TelephonyConfiguration, item, is_default=item.id == default_id)
                    for item in configurations
                ),
                key=lambda each: (each.is_default, each.created_at, each.id),
                reverse=True,
            )
        ),
        numbers=tuple(sorted(numbers, key=_number_order, reverse=True)),
    )


def _number_order(number: PhoneNumber) -> tuple[bool, float, str]:
    return number.is_default_caller, number.created_at.timestamp() if number.created_at else 0.0, number.id


def _to_number(item: NumberItem, caller_ids: set[str], accounts: Mapping[str, str]) -> PhoneNumber:
    number = to_model(PhoneNumber, item, is_default_caller=item.id in caller_ids)
    # Of another account than the configuration has by now, nobody has confirmed anything.
    if number.verified_account is None or number.verified_account != accounts.get(number.configuration_id):
        return replace(number, verified_at=None, verified_account=None)
    return number
